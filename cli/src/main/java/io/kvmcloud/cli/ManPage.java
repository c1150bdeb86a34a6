package io.kvmcloud.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A page of the manual, of what picocli knows of a command.
 *
 * @param section 1 for what people type, 8 for services
 */
record ManPage(CommandSpec spec, int section) {

    /** How a description begins: its first sentence, without what explains it. */
    private static final Pattern PURPOSE = Pattern.compile("(.+?)(?:[.:;] .*|\\.)?");

    private static final Pattern EXAMPLE = Pattern.compile(" \\(`[^)]*\\)");

    /** Said once for all verbs, in the page of kvm-cloud. */
    private static final Set<String> EVERYWHERE = Set.of("--format", "--help", "--version");

    String name() {
        return spec.qualifiedName("-");
    }

    /** Below a directory of the manual, one for each of its names. */
    List<String> paths() {
        String family = spec.parent() == null ? "" : spec.parent().qualifiedName("-") + "-";
        return spec.names().stream()
                .map(name -> "man%d/%s%s.%d".formatted(section, family, name, section))
                .toList();
    }

    /** How other pages name this one. */
    String reference() {
        return Roff.bold(name()) + "(" + section + ")";
    }

    /** What it is for, in a few words. */
    String purpose() {
        String beginning = description(spec).findFirst().orElse("");
        var words = PURPOSE.matcher(EXAMPLE.matcher(beginning).replaceAll(""));
        return words.matches() ? words.group(1) : "";
    }

    /** The whole of it, as of a day and a version, with further sections before the last. */
    String text(String day, String version, Consumer<Roff> further, String seeAlso) {
        var roff = new Roff(name(), section, day, version);
        roff.section("NAME").paragraph(name() + " - " + purpose());
        roff.section("SYNOPSIS").markedUp(synopsis(spec));
        roff.section("DESCRIPTION");
        description(spec).forEach(roff::paragraph);
        arguments(roff, spec);
        roff.section("OPTIONS");
        options(roff, spec, spec.parent() == null);
        if (spec.parent() != null) {
            KvmCloud.verbsBelow(spec.commandLine()).stream()
                    .map(CommandLine::getCommandSpec)
                    .forEach(verb -> below(roff, verb));
        }
        examples(roff, spec);
        further.accept(roff);
        roff.section("SEE ALSO").markedUp(seeAlso);
        return roff.toString();
    }

    private static void below(Roff roff, CommandSpec verb) {
        roff.section(verb.parent().name() + " " + verb.name()).markedUp(synopsis(verb));
        description(verb).forEach(roff::paragraph);
        arguments(roff, verb);
        options(roff, verb, false);
        examples(roff, verb);
    }

    private static String synopsis(CommandSpec spec) {
        Stream<String> places = spec.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .map(ManPage::placeOf);
        String verb = Roff.italic("VERB") + "...";
        Stream<String> below = spec.subcommands().isEmpty()
                ? Stream.of()
                : Stream.of(spec.userObject() instanceof Callable<?> ? "[" + verb + "]" : verb);
        Stream<String> beginning = Stream.of(Roff.bold(spec.qualifiedName(" ")), "[" + Roff.italic("OPTION") + "...]");
        return Stream.of(beginning, places, below).flatMap(words -> words).collect(Collectors.joining(" "));
    }

    private static String placeOf(PositionalParamSpec parameter) {
        String label = Roff.italic(parameter.paramLabel().split(" ", 2)[0]);
        boolean several = parameter.isMultiValue();
        String place = several ? label + "..." : label;
        return parameter.arity().min() == 0 ? "[" + place + "]" : place;
    }

    private static void arguments(Roff roff, CommandSpec spec) {
        spec.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .forEach(parameter -> roff.term(placeOf(parameter), meaning(parameter)));
    }

    /** Their own, or those that every verb has too. */
    private static void options(Roff roff, CommandSpec spec, boolean all) {
        spec.options().stream()
                .filter(option -> !option.hidden() && (all || !EVERYWHERE.contains(option.longestName())))
                .forEach(option -> roff.term(spelling(option), meaning(option)));
        if (!all && spec.parent().parent() == null) {
            roff.paragraph("And those of every verb, see `kvm-cloud`(1).");
        }
    }

    private static String spelling(OptionSpec option) {
        String value = option.arity().max() == 0 ? "" : "=" + Roff.italic(option.paramLabel());
        return Arrays.stream(option.names()).map(Roff::bold).collect(Collectors.joining(", ")) + value;
    }

    /** An annotation's footer, as the help shows it (KvmCloud.addExamples). */
    private static void examples(Roff roff, CommandSpec spec) {
        List<String> examples = Arrays.stream(spec.usageMessage().footer())
                .dropWhile(line -> !line.equals("Examples:"))
                .skip(1)
                .map(String::strip)
                .toList();
        if (!examples.isEmpty()) {
            if (spec.parent().parent() == null) {
                roff.section("EXAMPLES");
            }
            roff.examples(examples);
        }
    }

    private static Stream<String> description(CommandSpec spec) {
        return Stream.of(spec.usageMessage().header(), spec.usageMessage().description())
                .flatMap(Arrays::stream)
                .map(line -> line.formatted().strip());
    }

    private static String meaning(ArgSpec argument) {
        return Arrays.stream(argument.description()).collect(Collectors.joining(" "));
    }
}
