package io.kvmcloud.cli;

import io.kvmcloud.cli.TopFrame.TopInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code top}: what hosts and instances are doing, again and again. */
@Command(
        name = "top",
        description = {
            "Show hosts and instances, the busiest first, and how busy they are.",
            "On a terminal it is shown anew every two seconds until q or Ctrl-C; elsewhere once."
        },
        footer = {"kvm-cloud top", "kvm-cloud top --interval 5 --iterations 12 | tee log", "kvm-cloud top -f json"})
final class TopCommand implements Callable<Integer> {

    /** What is grown in between makes the first frame. */
    private static final Duration FIRST = Duration.ofMillis(800);

    private static final int CTRL_C = 3;

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;
    private final InputStream stdin;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "Between two frames, 1 to 3600 (default: ${DEFAULT-VALUE}).")
    private int interval;

    @Option(
            names = "--iterations",
            paramLabel = "COUNT",
            description = "How many frames (default: 1, on a terminal until you leave).")
    private @Nullable Integer iterations;

    /** @param stdin where keys come from */
    TopCommand(Cloud cloud, Output output, Surroundings surroundings, InputStream stdin) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
        this.stdin = stdin;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (interval < 1 || interval > 3600) {
            throw new CommandFailed(
                    Reason.INVALID, "--interval is between 1 and 3600, not " + interval, "write it like --interval 2");
        }
        if (iterations != null && iterations < 1) {
            throw new CommandFailed(
                    Reason.INVALID, "--iterations is at least 1, not " + iterations, "write it like --iterations 10");
        }
        var gauge = new TopGauge(cloud);
        if (gauge.look().instances().stream().anyMatch(TopInstance::measured)) {
            Thread.sleep(FIRST);
        }
        if (surroundings.capable() && output.format() == Format.TABLE) {
            live(gauge);
        } else {
            ReaderWatch.whileRead(() -> frames(gauge));
        }
        return 0;
    }

    private void frames(TopGauge gauge) {
        int count = iterations == null ? 1 : iterations;
        for (int i = 0; i < count; i++) {
            if (i > 0 && !pause()) {
                return;
            }
            if (i > 0 && output.format() == Format.TABLE) {
                output.text("\n");
            }
            write(gauge.look());
        }
    }

    private void write(TopFrame frame) {
        List<Column<TopInstance>> columns = TopInstance.columns().standard();
        switch (output.format()) {
            case TABLE -> output.text(TopView.text(frame));
            case JSON, YAML -> output.tree(frame);
            case CSV -> {
                List<List<String>> rows = new ArrayList<>();
                rows.add(columns.stream().map(Column::name).toList());
                frame.instances()
                        .forEach(one -> rows.add(columns.stream()
                                .map(column -> column.value(one))
                                .toList()));
                output.csv(rows);
            }
            case VALUE ->
                output.text(frame.instances().stream()
                        .map(one ->
                                columns.stream().map(column -> column.word(one)).collect(Collectors.joining(" "))
                                        + "\n")
                        .collect(Collectors.joining()));
        }
    }

    private void live(TopGauge gauge) {
        Thread painter = Thread.currentThread();
        var left = new AtomicBoolean();
        try (var screen = new Screen(output, surroundings.colours())) {
            Thread keyboard = Keyboard.listen(stdin, keys -> {
                boolean leaves = keys.indexOf('q') >= 0 || keys.indexOf(CTRL_C) >= 0;
                if (leaves) {
                    left.set(true);
                    painter.interrupt();
                }
                return !leaves;
            });
            TopFrame frame = gauge.look();
            String trouble = "";
            for (int i = 0; !left.get() && (iterations == null || i < iterations); i++) {
                if (i > 0) {
                    if (!pause()) {
                        break;
                    }
                    try {
                        frame = gauge.look();
                        trouble = "";
                    } catch (CommandFailed failed) {
                        trouble = "no news: " + failed.failure().message();
                    }
                }
                screen.show(TopView.lines(frame, trouble, RawTerminal.size()));
            }
            keyboard.interrupt();
        }
        Thread.interrupted();
    }

    /** Whether it was not interrupted. */
    private boolean pause() {
        try {
            Thread.sleep(Duration.ofSeconds(interval));
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
