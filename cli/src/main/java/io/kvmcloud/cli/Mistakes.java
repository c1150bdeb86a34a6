package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Spelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** A command line that cannot be read: what is wrong with it and how to write it. Exit code 2. */
record Mistakes(Output output) implements IParameterExceptionHandler {

    /** What picocli says of a verb that is nothing without a word below it. */
    private static final String NO_WORD = "Missing required subcommand";

    /** What our verbs are called in Multipass, Incus, OpenStack and others. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("create", "new"),
            Map.entry("destroy", "delete"),
            Map.entry("exec", "ssh"),
            Map.entry("find", "templates"),
            Map.entry("image", "template"),
            Map.entry("images", "templates"),
            Map.entry("nodes", "controllers"),
            Map.entry("ps", "instances"),
            Map.entry("purge", "delete"),
            Map.entry("reboot", "restart"),
            Map.entry("remove", "delete"),
            Map.entry("show", "info"),
            Map.entry("suspend", "pause"),
            Map.entry("terminate", "delete"),
            Map.entry("transfer", "cp"),
            Map.entry("unpause", "resume"),
            Map.entry("version", "--version"));

    /** What asks for a format in other command lines. */
    private static final Pattern OF_OTHERS = Pattern.compile("(-o|--output)(=.*)?");

    private static final Pattern ASKS_FOR_FORMAT = Pattern.compile("(-f=?|--format=)(\\w+)");

    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        output.failure(failure(wrong), "", wanted(arguments));
        return Reason.INVALID.exitCode();
    }

    private static Reply.Failure failure(ParameterException wrong) {
        return switch (wrong) {
            case ParameterException known when known.getCause() instanceof CommandFailed failed -> failed.failure();
            case UnmatchedArgumentException unmatched -> unmatched(unmatched);
            case MissingParameterException missing -> missing(missing);
            case OverwrittenOptionException twice -> twice(twice);
            default -> other(wrong);
        };
    }

    private static Reply.Failure other(ParameterException wrong) {
        CommandLine line = wrong.getCommandLine();
        if (NO_WORD.equals(wrong.getMessage())) {
            return new Reply.Failure(
                    Reason.INVALID,
                    "'" + name(line) + "' needs "
                            + String.join(" or ", line.getSubcommands().keySet()),
                    usage(line));
        }
        return new Reply.Failure(Reason.INVALID, message(wrong), usage(line));
    }

    /** In some verbs {@code -f} is another option than the one everywhere. */
    private static Reply.Failure twice(OverwrittenOptionException twice) {
        OptionSpec option = (OptionSpec) twice.getOverwritten();
        String name = option.longestName();
        return new Reply.Failure(
                Reason.INVALID,
                name + " is there twice",
                option.shortestName().equals("-f") && !name.equals("--format")
                        ? "here -f is " + name + ": write it like --format json"
                        : usage(twice.getCommandLine()));
    }

    private static Reply.Failure unmatched(UnmatchedArgumentException unmatched) {
        CommandLine line = unmatched.getCommandLine();
        String word = unmatched.getUnmatched().getFirst();
        if (unmatched.isUnknownOption()) {
            String where = line.getParent() == null ? "kvm-cloud" : "'" + name(line) + "'";
            return new Reply.Failure(
                    Reason.INVALID,
                    where + " has no option '" + word + "'",
                    OF_OTHERS.matcher(word).matches()
                                    && line.getCommandSpec().optionsMap().containsKey("--columns")
                            ? "did you mean `--format`?"
                            : nearest(word, line.getCommandSpec().optionsMap().keySet())
                                    .map(name -> "did you mean `" + name + "`?")
                                    .orElseGet(() -> usage(line)));
        }
        return line.getParent() == null
                ? noVerb(word, line)
                : new Reply.Failure(
                        Reason.INVALID,
                        "'" + name(line) + "' does not take '" + word + "'",
                        asFilter(word, line)
                                .or(() -> nearest(word, line.getSubcommands().keySet()))
                                .map(below -> "did you mean `kvm-cloud " + name(line) + " " + below + "`?")
                                .orElseGet(() -> usage(line)));
    }

    /** A pattern where rows are filtered, which other verbs take as it is. */
    private static Optional<String> asFilter(String word, CommandLine line) {
        String column = word.contains("/") ? "id" : "name";
        return Selector.isPattern(word)
                        && Completion.columns(line.getCommandSpec()).contains(column)
                ? Optional.of("'" + column + "=" + Output.plain(word) + "'")
                : Optional.empty();
    }

    /** As it is typed, like {@code controllers forget}. */
    private static String name(CommandLine line) {
        return line.getParent() == null || line.getParent().getParent() == null
                ? line.getCommandName()
                : name(line.getParent()) + " " + line.getCommandName();
    }

    private static Reply.Failure noVerb(String word, CommandLine root) {
        return new Reply.Failure(
                Reason.INVALID,
                "there is no verb '" + word + "'",
                Optional.ofNullable(ELSEWHERE.get(word))
                        .or(() -> nearest(word, root.getSubcommands().keySet()))
                        .map(name -> "did you mean `" + name + "`?")
                        .orElse("`kvm-cloud help` lists the verbs"));
    }

    /** The word that was meant: what it begins, or what it is a few typing errors away from. */
    private static Optional<String> nearest(String word, Set<String> known) {
        List<String> begun = known.stream()
                .filter(name -> word.length() > 2 && name.startsWith(word))
                .toList();
        return begun.size() == 1
                ? Optional.of(begun.getFirst())
                : Spelling.nearest(
                        word.toLowerCase(Locale.ROOT),
                        known.stream()
                                .filter(name -> name.length() > 2 || !word.startsWith("-"))
                                .toList());
    }

    private static Reply.Failure missing(MissingParameterException missing) {
        String what = missing.getMissing().stream()
                .map(argument -> argument instanceof OptionSpec option
                        ? option.longestName() + " " + option.paramLabel()
                        : argument.paramLabel())
                .collect(Collectors.joining(" and "));
        String name = name(missing.getCommandLine());
        return new Reply.Failure(
                Reason.INVALID,
                what.isEmpty() ? message(missing) : "'" + name + "' needs " + what,
                usage(missing.getCommandLine()));
    }

    /** The converter's own sentence, after the name of the option it is about. */
    private static String message(ParameterException wrong) {
        String sentence = wrong.getCause() instanceof TypeConversionException malformed
                ? String.valueOf(malformed.getMessage())
                : wrong.getCause() instanceof IllegalArgumentException refused
                        ? String.valueOf(refused.getMessage())
                        : String.valueOf(wrong.getMessage());
        ArgSpec argument = wrong.getArgSpec();
        if (argument == null || wrong.getCause() == null) {
            return sentence;
        }
        return switch (argument) {
            case OptionSpec option -> option.longestName() + ": " + sentence;
            // The others' sentences say what they are about.
            default -> argument.type() == int.class ? argument.paramLabel() + ": " + sentence : sentence;
        };
    }

    private static String usage(CommandLine line) {
        if (line.getParent() == null) {
            return "`kvm-cloud help` lists the verbs";
        }
        String name = name(line);
        CommandSpec spec = line.getCommandSpec();
        List<String> words = new ArrayList<>();
        if (spec.positionalParameters().isEmpty() && !line.getSubcommands().isEmpty()) {
            words.add(String.join("|", line.getSubcommands().keySet()));
        }
        spec.positionalParameters().stream()
                .map(parameter ->
                        parameter.index().isVariable() ? parameter.paramLabel() + "…" : parameter.paramLabel())
                .forEach(words::add);
        spec.options().stream()
                .filter(OptionSpec::required)
                .map(option -> option.longestName() + " " + option.paramLabel())
                .forEach(words::add);
        return "write it like `kvm-cloud " + name + (words.isEmpty() ? "" : " " + String.join(" ", words))
                + "`; `kvm-cloud " + (name.contains(" ") ? name + " --help" : "help " + name) + "` tells all";
    }

    /** The format asked for, also when the command line was not read that far. */
    private static Format wanted(String[] arguments) {
        String line = String.join(" ", Arrays.asList(arguments)).replaceAll("(^| )(-f|--format) ", "$1--format=");
        String word = Stream.concat(
                        Arrays.stream(line.split(" ", -1))
                                .map(ASKS_FOR_FORMAT::matcher)
                                .filter(Matcher::matches)
                                .map(asked -> asked.group(2)),
                        Stream.ofNullable(System.getenv("KVM_CLOUD_FORMAT")))
                .findFirst()
                .orElse("");
        return Arrays.stream(Format.values())
                .filter(format -> format.name().equalsIgnoreCase(word))
                .findFirst()
                .orElse(Format.TABLE);
    }
}
