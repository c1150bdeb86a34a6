package io.kvmcloud.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Tab in the shell: verbs and what is below them, then the options of the verb, live ids and names where it takes an ID,
 * templates where it takes a TEMPLATE, controllers where it takes a CONTROLLER, and the columns of what it writes.
 */
record Completion(CommandLine verbs, LiveNames names) implements Completer {

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        List<String> before = new ArrayList<>(line.words().subList(0, line.wordIndex()));
        words(before, line.word())
                .forEach(word ->
                        candidates.add(new Candidate(word, word, null, null, null, null, !word.matches(".*[=:]"))));
    }

    /** What may stand after these words, given the beginning of the word itself. */
    List<String> words(List<String> before, String beginning) {
        if (before.isEmpty()) {
            List<String> words = new ArrayList<>(verbs.getSubcommands().keySet());
            words.add("exit");
            return words;
        }
        CommandLine verb = verbs.getSubcommands().get(before.getFirst());
        if (verb == null) {
            return List.of();
        }
        if (before.getFirst().equals("help")) {
            return List.copyOf(verbs.getSubcommands().keySet());
        }
        CommandLine below = before.size() == 1 ? null : verb.getSubcommands().get(before.get(1));
        if (below != null) {
            return below(below, before.subList(1, before.size()), beginning);
        }
        if (before.size() == 1
                && !beginning.startsWith("-")
                && !verb.getSubcommands().isEmpty()) {
            return List.copyOf(verb.getSubcommands().keySet());
        }
        return below(verb, before, beginning);
    }

    private List<String> below(CommandLine verb, List<String> before, String beginning) {
        CommandSpec spec = verb.getCommandSpec();
        OptionSpec open = valueOf(spec, before.getLast());
        if (open != null) {
            String columns = beginning.substring(0, beginning.lastIndexOf(',') + 1); // `-c id,st`
            return open.paramLabel().equals("CONTROLLER")
                    ? names.controllers()
                    : choices(spec, open).stream().map(columns::concat).toList();
        }
        return beginning.startsWith("-") ? List.copyOf(spec.optionsMap().keySet()) : values(spec, before);
    }

    private List<String> values(CommandSpec spec, List<String> before) {
        int position = 0;
        for (int i = 1; i < before.size(); i++) {
            boolean value = before.get(i).startsWith("-") || valueOf(spec, before.get(i - 1)) != null;
            position += value ? 0 : 1;
        }
        int here = position;
        return spec.positionalParameters().stream()
                .filter(parameter -> parameter.index().contains(here))
                .findFirst()
                .map(parameter -> switch (parameter.paramLabel()) {
                    case "ID" ->
                        names.instances().stream()
                                .filter(id -> !before.contains(id))
                                .toList();
                    case "PATH" ->
                        names.instances().stream().map(id -> id + ":").toList();
                    case "TEMPLATE" -> names.templates();
                    case "CONTROLLER" ->
                        names.controllers().stream()
                                .filter(name -> !before.contains(name))
                                .toList();
                    case "COLUMN=VALUE" ->
                        columns(spec).stream().map(name -> name + "=").toList();
                    default -> List.<String>of();
                })
                .orElse(List.of());
    }

    /** What the value of an option can be, if that is known. */
    static List<String> choices(CommandSpec spec, OptionSpec option) {
        return switch (option.longestName()) {
            case "--format" ->
                Arrays.stream(Format.values()).map(Format::toString).toList();
            case "--columns", "--sort" -> columns(spec);
            default -> List.of();
        };
    }

    /** The names of the columns that the verb's results have. */
    static List<String> columns(CommandSpec spec) {
        return spec.mixins().values().stream()
                .map(CommandSpec::userObject)
                .filter(Results.class::isInstance)
                .flatMap(results -> ((Results<?>) results).columns().names().stream())
                .toList();
    }

    /** The option that this word is, if the word after it is its value. */
    private static @Nullable OptionSpec valueOf(CommandSpec spec, String word) {
        OptionSpec option = spec.optionsMap().get(word);
        return option == null || option.arity().min() == 0 ? null : option;
    }
}
