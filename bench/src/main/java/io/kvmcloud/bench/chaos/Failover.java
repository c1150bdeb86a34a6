package io.kvmcloud.bench.chaos;

import io.kvmcloud.bench.process.Broker;
import io.kvmcloud.bench.process.FreePorts;
import io.kvmcloud.bench.process.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** One fault after the other under steady load, each alone, and how long until commands flow again. */
public final class Failover implements Run.Meanwhile {

    /** What is killed, with SIGKILL, and started again at once. */
    public enum Fault {
        BROKER("the broker"),
        MANAGER("the active manager, with a standby"),
        LONE_MANAGER("the only manager"),
        CONTROLLER("one of three controllers");

        private final String words;

        Fault(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * What one fault cost, in milliseconds from the kill on.
     *
     * @param there until the broker takes connections again; 0 of other faults
     * @param first until the first command that was asked for afterwards was answered
     * @param all until every client had an answer again
     */
    public record Cost(Fault fault, long there, long first, long all) {}

    /**
     * What a run found.
     *
     * @param costs in the order of the faults
     * @param broker its version
     * @param commands how many were answered
     * @param problems what was lost, doubled, stuck or leaked; none, or the scratch directory stays
     */
    public record Report(List<Cost> costs, String broker, long commands, List<String> problems) {}

    private record Hit(Fault fault, Instant at, Instant there) {}

    private static final int CLIENTS = 8;

    /** Longer than anything here takes that is not stuck. */
    private static final Duration BACK = Duration.ofSeconds(40);

    private final int rounds;
    private final Duration steady;
    private final List<Hit> hits = new ArrayList<>();
    private List<Client> clients = List.of();
    private String active = Plan.MANAGERS.getFirst();
    private String broker = "";
    private String standby = Plan.MANAGERS.getLast();

    private Failover(int rounds, Duration steady) {
        this.rounds = rounds;
        this.steady = steady;
    }

    /**
     * Measures.
     *
     * @param root of the source tree
     * @param rounds of all faults
     * @param steady how long commands flow before each, and at least after it
     */
    public static Report measure(Path root, int rounds, Duration steady) throws IOException {
        Failover failover = new Failover(rounds, steady);
        Plan plan = new Plan(Duration.ZERO, 1, CLIENTS, 1, root, List.of());
        Result result = Run.of(plan, failover);
        return new Report(
                failover.hits.stream().map(failover::cost).toList(),
                failover.broker,
                result.acknowledged(),
                result.problems().stream().map(Problem::toString).toList());
    }

    @Override
    public Run.Happened run(Cloud cloud, List<Client> asking, Guests guests) throws IOException {
        clients = asking;
        guests.calm();
        broker = cloud.brokerVersion();
        restart(cloud.daemon(standby)); // so that the other is the active one
        for (int round = 0; round < rounds; round++) {
            for (Fault fault : Fault.values()) {
                sleep(steady);
                hits.add(hit(cloud, fault));
                awaitAnswers(hits.getLast().at());
            }
        }
        sleep(steady);
        return Run.Happened.NOTHING;
    }

    private Hit hit(Cloud cloud, Fault fault) {
        return switch (fault) {
            case BROKER -> {
                Broker.Node node = cloud.broker().nodes().getFirst();
                Instant at = Instant.now();
                node.part().kill();
                node.startAgain();
                while (FreePorts.free(node.port())) {
                    sleep(Duration.ofMillis(20));
                }
                yield new Hit(fault, at, Instant.now());
            }
            case MANAGER -> {
                Hit hit = hitOne(fault, cloud.daemon(active));
                String other = active;
                active = standby;
                standby = other;
                yield hit;
            }
            case LONE_MANAGER -> {
                Part other = cloud.daemon(standby);
                other.kill();
                sleep(steady);
                Hit hit = hitOne(fault, cloud.daemon(active));
                awaitAnswers(hit.at());
                other.start();
                yield hit;
            }
            case CONTROLLER -> hitOne(fault, cloud.daemon(Plan.CONTROLLERS.getFirst()));
        };
    }

    private static Hit hitOne(Fault fault, Part part) {
        Instant at = Instant.now();
        restart(part);
        return new Hit(fault, at, at);
    }

    private static void restart(Part part) {
        part.kill();
        part.start();
    }

    /** Until each client has an answer to what it asked after this, or somebody is stuck, which the figures then tell. */
    private void awaitAnswers(Instant at) {
        Instant latest = at.plus(BACK);
        while (Instant.now().isBefore(latest) && !clients.stream().allMatch(client -> client.answeredSince(at))) {
            sleep(Duration.ofMillis(50));
        }
    }

    private Cost cost(Hit hit) {
        List<Long> firsts = clients.stream()
                .flatMap(client -> firstAfter(client, hit.at()).stream())
                .map(ask -> Duration.between(hit.at(), ask.ended()).toMillis())
                .sorted()
                .toList();
        if (firsts.size() < clients.size()) {
            throw new IllegalStateException(clients.size() - firsts.size() + " of " + clients.size()
                    + " clients had no answer any more after the end of " + hit.fault());
        }
        return new Cost(
                hit.fault(), Duration.between(hit.at(), hit.there()).toMillis(), firsts.getFirst(), firsts.getLast());
    }

    private static Optional<Ask> firstAfter(Client client, Instant at) {
        return client.asks().stream()
                .filter(ask ->
                        ask.acknowledged() && !ask.ended().minus(ask.took()).isBefore(at))
                .findFirst();
    }

    private static void sleep(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }
}
