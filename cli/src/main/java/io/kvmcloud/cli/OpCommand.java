package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ShowOp;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code op show}: one command's way through the cloud, with a time for each hop. */
@Command(name = "op", description = "What became of a command: `op show OP`.")
final class OpCommand {

    private final Cloud cloud;
    private final Output output;

    OpCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Command(
            name = "show",
            description = {
                "Show where a command went, when, and what came of it.",
                "Every answer and every error names its op; --op-id chooses it."
            })
    Integer show(@Parameters(paramLabel = "OP", description = "The id it was asked under.") String op) {
        OpView view = cloud.ask(new ShowOp(op)).op();
        var table = new Table("time", "after", "who", "what");
        Instant first =
                view.steps().isEmpty() ? Instant.EPOCH : view.steps().getFirst().at();
        for (OpStep step : view.steps()) {
            table.row(
                    step.at().truncatedTo(ChronoUnit.MILLIS).toString(),
                    after(Duration.between(first, step.at())),
                    step.who(),
                    step.what());
        }
        String came = view.message().isEmpty() ? "" : "\n" + view.message();
        String next = view.hint().isEmpty() ? "" : "\n  hint: " + view.hint();
        output.result(view, view.command() + ": " + view.status() + came + next + "\n" + table);
        return 0;
    }

    private static String after(Duration time) {
        return String.format(Locale.ROOT, "%.3f s", time.toNanos() / 1e9);
    }
}
