package io.kvmcloud.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code help VERB}, and {@code help template import}, which picocli's own does not know. */
@Command(
        name = "help",
        helpCommand = true,
        description = "Tell all about a verb, or name all verbs.",
        footer = {"kvm-cloud help launch", "kvm-cloud help template import"})
final class HelpCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "A verb, and a word that follows it.")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        CommandLine line = Arguments.given(spec).root().commandLine();
        for (String word : words) {
            CommandLine below = line.getSubcommands().get(word);
            if (below == null) {
                throw new UnmatchedArgumentException(line, List.of(word));
            }
            line = below;
        }
        line.usage(line.getOut());
        return 0;
    }
}
