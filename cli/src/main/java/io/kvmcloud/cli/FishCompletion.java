package io.kvmcloud.cli;

import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Completion for fish: a line for each verb and each of its options, and a question to the cloud where a name is wanted. */
final class FishCompletion {

    private static final String ASK = "kvm-cloud %s --wait 2 2>/dev/null </dev/null";
    private static final String INSTANCES = "__kvm_cloud_instances";

    /** Of many instances the answer takes half a second, so it is kept for five. */
    private static final String FUNCTIONS = """
            function __kvm_cloud_instances
                if not set -q __kvm_cloud_asked; or test (math (date +%%s) - $__kvm_cloud_asked) -gt 5
                    set -g __kvm_cloud_known (%s | string split ' ' | string match -v -- -)
                    set -g __kvm_cloud_asked (date +%%s)
                end
                printf '%%s\\n' $__kvm_cloud_known
            end
            function __kvm_cloud_columns
                set -l before (commandline -ct | string replace -r '[^,]*$' '')
                printf '%%s\\n' "$before"$argv
            end
            """.formatted(ASK.formatted("instances -f value -c id,name"));

    private static final String CONTROLLERS = "(" + ASK.formatted("controllers -q") + ")";

    private final StringBuilder lines = new StringBuilder(FUNCTIONS + "complete -c kvm-cloud -f\n");

    private FishCompletion() {}

    /** The script for all these verbs. */
    static String of(CommandLine root) {
        var fish = new FishCompletion();
        for (CommandLine verb : KvmCloud.verbsBelow(root)) {
            fish.verb("__fish_use_subcommand", verb);
            String here = seen(verb);
            Set<CommandLine> below = KvmCloud.verbsBelow(verb);
            below.forEach(word -> fish.verb(here + "; and not " + seen(below), word));
            below.forEach(word -> fish.whatFollows(here + "; and " + seen(word), word.getCommandSpec()));
            fish.whatFollows(below.isEmpty() ? here : here + "; and not " + seen(below), verb.getCommandSpec());
        }
        return fish.lines.toString();
    }

    private void verb(String when, CommandLine verb) {
        UsageMessageSpec usage = verb.getCommandSpec().usageMessage();
        String[] description = usage.header().length == 0 ? usage.description() : usage.header();
        line(when, "-a " + quoted(names(verb)) + (description.length == 0 ? "" : " -d " + quoted(description[0])));
    }

    private void whatFollows(String when, CommandSpec spec) {
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                option(when, spec, option);
            }
        }
        spec.positionalParameters().forEach(parameter -> {
            switch (parameter.paramLabel()) {
                case "ID" -> words(when, "(" + INSTANCES + ")");
                case "TEMPLATE" -> words(when, "(" + ASK.formatted("templates -q") + ")");
                case "CONTROLLER" -> words(when, CONTROLLERS);
                case "COLUMN=VALUE" ->
                    words(
                            when,
                            Completion.columns(spec).stream()
                                    .map(name -> name + "=")
                                    .collect(Collectors.joining(" ")));
                case "PATH" -> line(when, "-F -a " + quoted("(" + INSTANCES + " | string replace -r '$' ':')"));
                case "COMMAND" ->
                    words(when, String.join(" ", spec.root().subcommands().keySet()));
                default -> {
                    // What only the person knows.
                }
            }
        });
    }

    private void option(String when, CommandSpec spec, OptionSpec option) {
        var text = new StringBuilder();
        for (String name : option.names()) {
            text.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^--?", ""));
        }
        if (option.arity().min() > 0) {
            String values = values(spec, option);
            text.append(values.isEmpty() ? " -r -F" : " -x -a " + quoted(values));
        }
        String[] description = option.description();
        if (description.length > 0) {
            text.append(" -d ").append(quoted(description[0].replaceAll(" \\(default: .*\\)", "")));
        }
        line(when, text.toString().strip());
    }

    private static String values(CommandSpec spec, OptionSpec option) {
        String choices = String.join(" ", Completion.choices(spec, option));
        return switch (option.paramLabel()) {
            case "CONTROLLER" -> CONTROLLERS;
            case "COLUMN,..." -> "(__kvm_cloud_columns " + choices + ")";
            default -> choices;
        };
    }

    private void words(String when, String list) {
        line(when, "-a " + quoted(list));
    }

    private void line(String when, String what) {
        lines.append("complete -c kvm-cloud -n ")
                .append(quoted(when))
                .append(' ')
                .append(what)
                .append('\n');
    }

    private static String seen(CommandLine verb) {
        return "__fish_seen_subcommand_from " + names(verb);
    }

    private static String seen(Set<CommandLine> verbs) {
        return "__fish_seen_subcommand_from "
                + verbs.stream().map(FishCompletion::names).collect(Collectors.joining(" "));
    }

    private static String names(CommandLine verb) {
        return String.join(" ", verb.getCommandSpec().names());
    }

    /** One word for fish: between single quotes only these two characters mean anything. */
    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
