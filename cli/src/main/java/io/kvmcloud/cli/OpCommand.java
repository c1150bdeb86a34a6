package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ShowOp;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code op show}: one command's way through the cloud, with a time for each hop. */
@Command(name = "op", description = "What became of a command: `op show OP`.")
final class OpCommand implements WordsBelow {

    private final Cloud cloud;
    private final Output output;

    OpCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public List<Object> below() {
        return List.of(new Show());
    }

    /** All of one. */
    @Command(
            name = "show",
            description = {
                "Show where a command went, when, and what came of it.",
                "Every answer and every error names its op; --op-id chooses it."
            },
            footer = {"kvm-cloud op show deploy-7", "kvm-cloud op show deploy-7 -f value -c status"})
    private final class Show implements Callable<Integer> {

        @Mixin
        private final Results<OpView> results = new Results<>(output, OpCommand::columns);

        @Parameters(paramLabel = "OP", description = "The id it was asked under.")
        private @Nullable String op;

        @Override
        public Integer call() {
            OpView view = cloud.ask(new ShowOp(Arguments.given(op))).op();
            results.one(view, text(view));
            return 0;
        }
    }

    private static Columns<OpView> columns() {
        return new Columns<OpView>()
                .with("op", "op", OpView::op)
                .with("command", "command", OpView::command)
                .with("status", "status", OpView::status)
                .with("message", "message", OpView::message)
                .with("hint", "hint", OpView::hint);
    }

    private static String text(OpView view) {
        List<List<String>> steps = new ArrayList<>(List.of(List.of("time", "after", "who", "what")));
        Instant first =
                view.steps().isEmpty() ? Instant.EPOCH : view.steps().getFirst().at();
        for (OpStep step : view.steps()) {
            steps.add(List.of(
                    step.at().truncatedTo(ChronoUnit.MILLIS).toString(),
                    after(Duration.between(first, step.at())),
                    step.who(),
                    step.what()));
        }
        String came = view.message().isEmpty() ? "" : "\n" + view.message();
        String next = view.hint().isEmpty() ? "" : "\n  hint: " + view.hint();
        return view.command() + ": " + view.status() + came + next + "\n" + Table.of(steps);
    }

    private static String after(Duration time) {
        return String.format(Locale.ROOT, "%.3f s", time.toNanos() / 1e9);
    }
}
