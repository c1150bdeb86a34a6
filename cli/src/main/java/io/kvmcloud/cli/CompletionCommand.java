package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}: verbs and options as picocli knows them, and names that are there at the moment. */
@Command(
        name = "completion",
        description = {
            "Print a completion script for your shell.",
            "For bash and zsh put the first of these into ~/.bashrc or ~/.zshrc; fish keeps a file."
        },
        footer = {
            "source <(kvm-cloud completion bash)",
            "kvm-cloud completion fish >~/.config/fish/completions/kvm-cloud.fish"
        })
final class CompletionCommand implements Callable<Integer> {

    private final Output output;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private String shell = "";

    CompletionCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        CommandLine root = Arguments.given(spec).root().commandLine();
        String script = switch (shell) {
            case "bash", "zsh" -> AutoComplete.bash("kvm-cloud", root) + liveNames(root);
            case "fish" -> FishCompletion.of(root);
            default ->
                throw new CommandFailed(
                        Reason.INVALID,
                        "there is no completion for '" + shell + "', only for bash, zsh and fish",
                        "write it like `kvm-cloud completion bash`");
        };
        output.result(Map.of("shell", shell, "script", script), script);
        return 0;
    }

    private static String liveNames(CommandLine root) {
        try (InputStream file = CompletionCommand.class.getResourceAsStream("completion.bash")) {
            String text = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            return text.replace("@COLUMNS@", columns(root))
                    .replace("@VERBS@", String.join(" ", root.getSubcommands().keySet()))
                    .replace("@ID_VERBS@", verbsTaking(root, "ID"))
                    .replace("@PATH_VERBS@", verbsTaking(root, "PATH"))
                    .replace("@FILTER_VERBS@", filteringVerbs(root))
                    .replace("@CONTROLLER_VERBS@", verbsTaking(root, "CONTROLLER"))
                    .replace("@CONTROLLER_WORDS@", wordsTaking(root, "CONTROLLER"))
                    .replace("@TEMPLATE_VERBS@", verbsTaking(root, "TEMPLATE"))
                    .replace("@TEMPLATE_WORDS@", wordsTaking(root, "TEMPLATE"))
                    .replace("@CONTROLLER_OPTIONS@", optionsTaking(root, "CONTROLLER"));
        } catch (IOException defect) {
            throw new UncheckedIOException(defect);
        }
    }

    private static String verbsTaking(CommandLine root, String label) {
        return root.getSubcommands().entrySet().stream()
                .filter(verb -> takes(verb.getValue(), label))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(" | "));
    }

    /** Those that have no words below them: with them a word more than a filter is wanted. */
    private static String filteringVerbs(CommandLine root) {
        return root.getSubcommands().entrySet().stream()
                .filter(verb -> verb.getValue().getSubcommands().isEmpty() && takes(verb.getValue(), "COLUMN=VALUE"))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(" | "));
    }

    /** Verb and word below it, like {@code template\ show}. */
    private static String wordsTaking(CommandLine root, String label) {
        return root.getSubcommands().entrySet().stream()
                .flatMap(verb -> verb.getValue().getSubcommands().entrySet().stream()
                        .filter(word -> takes(word.getValue(), label))
                        .map(word -> verb.getKey() + "\\ " + word.getKey()))
                .collect(Collectors.joining(" | "));
    }

    private static boolean takes(CommandLine verb, String label) {
        return verb.getCommandSpec().positionalParameters().stream()
                .anyMatch(parameter -> parameter.paramLabel().equals(label));
    }

    private static String optionsTaking(CommandLine root, String label) {
        return KvmCloud.verbsBelow(root).stream()
                .flatMap(verb -> Stream.concat(Stream.of(verb), KvmCloud.verbsBelow(verb).stream()))
                .flatMap(verb -> verb.getCommandSpec().options().stream())
                .filter(option -> option.paramLabel().equals(label))
                .map(OptionSpec::longestName)
                .distinct()
                .collect(Collectors.joining(" | "));
    }

    /** An arm for each verb that writes rows. */
    private static String columns(CommandLine root) {
        return KvmCloud.verbsBelow(root).stream()
                .map(CommandLine::getCommandSpec)
                .filter(verb -> !Completion.columns(verb).isEmpty())
                .map(verb -> "    " + String.join(" | ", verb.names()) + ") columns='"
                        + String.join(" ", Completion.columns(verb)) + "' ;;")
                .collect(Collectors.joining("\n"));
    }
}
