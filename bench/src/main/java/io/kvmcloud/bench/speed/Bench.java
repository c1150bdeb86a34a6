package io.kvmcloud.bench.speed;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The main of {@code dev/bench}: each measurement prints its table and writes it as JSON. */
@Command(
        name = "dev/bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the cloud beside a yardstick, on a private RabbitMQ, with a fake QEMU.",
            "What counts is the ratio: both run interleaved, round by round; the figures are medians of the rounds."
        })
public final class Bench implements Callable<Integer> {

    /** What can be measured. */
    enum Name {
        /** A command's way through the cloud. */
        rpc,
        /** What manager and controller weigh. */
        memory,
        /** What becomes of it as controllers and instances grow. */
        scale,
        /** How long until commands flow again when a part is killed. */
        failover,
        /** Whether everything stays as it is under mixed commands for long. */
        soak
    }

    /**
     * How long to measure.
     *
     * @param rounds of all that is compared
     * @param each one measurement of a round
     */
    record Effort(int rounds, Duration each) {

        /** Before the first round, until what runs for months is compiled. */
        Effort warmUp() {
            return new Effort(1, each.multipliedBy(3));
        }

        /** Before each measurement: what has changed hands takes a moment to run evenly. */
        Duration before() {
            return each.dividedBy(3);
        }
    }

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "What to measure: ${COMPLETION-CANDIDATES} (default: all).")
    private List<Name> names = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each is measured (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "3",
            description = "How long each time, also 0.5 (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--controllers",
            paramLabel = "N",
            defaultValue = "1000",
            description = "The most that scale simulates, up to 1000 (default: ${DEFAULT-VALUE}).")
    private int controllers;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "20",
            description = "How long a soak takes, also 0.5 (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--profile",
            description = "Let Flight Recorder write target/bench/PROGRAM.jfr of manager, controller and itself.")
    private boolean profile;

    private Bench() {}

    /** Measures once and ends. */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path root = Path.of(System.getProperty("kvm.root", "")).toAbsolutePath();
        Effort effort = new Effort(rounds, Duration.ofMillis((long) (seconds * 1000)));
        for (Name name : names.isEmpty() ? List.of(Name.values()) : names) {
            Sheet sheet = profiled(root, name, effort);
            sheet.command(command(name));
            System.out.println(sheet.markdown());
            sheet.write(root.resolve("target/bench/" + name + ".json"));
        }
        return 0;
    }

    private Sheet profiled(Path root, Name name, Effort effort) throws IOException, ParseException {
        if (!profile) {
            return measured(root, name, effort);
        }
        try (Recording own = new Recording(Configuration.getConfiguration("profile"))) {
            own.start();
            Sheet sheet = measured(root, name, effort);
            own.dump(root.resolve("target/bench/bench.jfr"));
            return sheet;
        }
    }

    private Sheet measured(Path root, Name name, Effort effort) throws IOException {
        return switch (name) {
            case rpc -> Rpc.measure(root, effort, profile);
            case memory -> Memory.measure(root);
            case scale -> Scale.measure(root, effort, profile, controllers);
            case failover -> Endurance.failover(root, effort);
            case soak -> Endurance.soak(root, Duration.ofMillis((long) (minutes * 60_000)));
        };
    }

    private String command(Name name) {
        return switch (name) {
            case rpc -> "dev/bench rpc --rounds " + rounds + " --seconds " + seconds;
            case memory -> "dev/bench memory";
            case scale ->
                "dev/bench scale --controllers " + controllers + " --rounds " + rounds + " --seconds " + seconds;
            case failover -> "dev/bench failover --rounds " + rounds + " --seconds " + seconds;
            case soak -> "dev/bench soak --minutes " + minutes;
        };
    }
}
