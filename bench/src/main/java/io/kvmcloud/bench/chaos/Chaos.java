package io.kvmcloud.bench.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The bench's main: one run, one line of figures, exit code 1 when anything was lost, doubled, stuck or leaked. */
@Command(
        name = "dev/chaos",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Hurts a cloud of real processes at random and counts what became of every command.",
            "A private RabbitMQ, two managers, three controllers with a fake QEMU, and clients; SIGKILL, SIGSTOP and"
                    + " cut connections hit all of them. At the end what was acknowledged must be what is on the disks"
                    + " and what runs."
        })
public final class Chaos implements Callable<Integer> {

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "2",
            description = "How long, also 0.5 (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Repeats the choices of a run that printed it (default: a new one).")
    private long seed = System.nanoTime() % 1_000_000;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many ask at the same time (default: ${DEFAULT-VALUE}).")
    private int clients;

    @Option(
            names = "--cluster",
            description = "A cluster of three RabbitMQs with replicated queues, one of which at a time is hurt.")
    private boolean cluster;

    private Chaos() {}

    /** Runs once and ends. */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new Chaos()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Plan plan = new Plan(
                Duration.ofMillis((long) (minutes * 60_000)),
                seed,
                clients,
                cluster ? 3 : 1,
                Path.of(System.getProperty("kvm.root", "")).toAbsolutePath(),
                List.of());
        Result result = Run.of(plan);
        System.out.println(result.line());
        result.slowest().forEach(line -> System.out.println("  " + line));
        result.problems().forEach(problem -> System.err.println("  " + problem));
        if (!result.clean()) {
            System.err.println("dev/chaos: logs, disks and journals are kept in " + result.scratch());
        }
        return result.clean() ? 0 : 1;
    }
}
