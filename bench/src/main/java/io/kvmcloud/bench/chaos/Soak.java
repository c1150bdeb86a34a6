package io.kvmcloud.bench.chaos;

import io.kvmcloud.bench.process.Part;
import io.kvmcloud.bench.process.Vitals;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Mixed commands for a long time with nothing hurt, and what everybody holds meanwhile. */
public final class Soak implements Run.Meanwhile {

    /**
     * What was held at one moment.
     *
     * @param held by what it is, like {@code manager: threads}
     */
    public record Moment(Duration since, Map<String, Double> held) {}

    /**
     * What a run found.
     *
     * @param moments in their order
     * @param broker its version
     * @param commands how many were answered
     * @param problems what was lost, doubled, stuck or leaked; none, or the scratch directory stays
     */
    public record Report(List<Moment> moments, String broker, long commands, List<String> problems) {}

    private static final int CLIENTS = 4;
    private static final int MOMENTS = 24;
    private static final double MEBI = 1 << 20;

    private final Duration length;
    private final List<Moment> moments = new ArrayList<>();
    private String broker = "";

    private Soak(Duration length) {
        this.length = length;
    }

    /**
     * Measures.
     *
     * @param root of the source tree
     * @param length how long; what programs learn in their first minute is no growth, so the first moment is after a tenth of it
     */
    public static Report measure(Path root, Duration length) throws IOException {
        Soak soak = new Soak(length);
        Result result = Run.of(new Plan(length, 1, CLIENTS, 1, root, List.of()), soak);
        return new Report(
                soak.moments,
                soak.broker,
                result.acknowledged(),
                result.problems().stream().map(Problem::toString).toList());
    }

    @Override
    public Run.Happened run(Cloud cloud, List<Client> clients, Guests guests) throws IOException {
        guests.calm();
        broker = cloud.brokerVersion();
        Instant began = Instant.now();
        for (int number = 0; number < MOMENTS; number++) {
            Duration at = length.dividedBy(10)
                    .plus(length.multipliedBy(9 * (long) number).dividedBy(10 * (MOMENTS - 1)));
            LockSupport.parkNanos(
                    Duration.between(Instant.now(), began.plus(at)).toNanos());
            moments.add(new Moment(Duration.between(began, Instant.now()), look(cloud)));
        }
        return Run.Happened.NOTHING;
    }

    private static Map<String, Double> look(Cloud cloud) throws IOException {
        Map<String, Double> held = new LinkedHashMap<>();
        String controller = Plan.CONTROLLERS.getFirst();
        daemon(held, "manager", cloud.daemon(Plan.MANAGERS.getFirst()));
        daemon(held, "controller", cloud.daemon(controller));
        process(held, "broker", cloud.broker().nodes().getFirst().part());
        long waiting = cloud.queues().messages().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        held.put("queues: messages", (double) waiting);
        held.put("controller: journal, MiB", size(cloud.journal(controller).toFile()) / MEBI);
        held.put("controller: instances, MiB", size(cloud.instances(controller).toFile()) / MEBI);
        held.put("broker: disk, MiB", size(cloud.scratch().resolve("broker").toFile()) / MEBI);
        return held;
    }

    private static void daemon(Map<String, Double> held, String name, Part part) {
        held.put(name + ": heap after GC, MiB", Vitals.heap(part) / 1024.0);
        process(held, name, part);
    }

    private static void process(Map<String, Double> held, String name, Part part) {
        held.put(name + ": RSS, MiB", Vitals.resident(part) / 1024.0);
        held.put(name + ": descriptors", (double) Vitals.descriptors(part));
        held.put(name + ": threads", (double) Vitals.threads(part));
    }

    /** Of all files below, in bytes; what goes while it is counted counts as nothing. */
    private static long size(File file) {
        File[] within = file.listFiles();
        return within == null
                ? file.length()
                : Stream.of(within).mapToLong(Soak::size).sum();
    }
}
