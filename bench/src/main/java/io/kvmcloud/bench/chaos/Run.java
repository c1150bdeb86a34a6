package io.kvmcloud.bench.chaos;

import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.chaos.Problem.Kind;
import io.kvmcloud.bench.process.Keeper;
import io.kvmcloud.messages.Command.ListControllers;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.CommandFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** One run from an empty directory to the figures: start, hurt, settle, compare. */
final class Run {

    private static final Duration STARTS = Duration.ofMinutes(2);
    private static final Duration SETTLES = Duration.ofSeconds(90);
    /** Longer than a parked command waits, the managers' roll call takes and the broker's figures are old. */
    private static final Duration STAYS = Duration.ofSeconds(25);

    /** A node that just stops answering is noticed after two heartbeats; a killed one at once. Machines may be busy. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private static final Duration ANSWER = Duration.ofSeconds(5);
    /** A quorum queue that is younger when its broker is killed may be lost (docs/wire.md). */
    private static final Duration QUEUES_SETTLE = Duration.ofSeconds(3);

    private final Cloud cloud;
    private final Guests guests;
    private final List<Client> clients = new ArrayList<>();
    private final List<String> deadLetters = new ArrayList<>();

    private Run(Cloud cloud, Guests guests) {
        this.cloud = cloud;
        this.guests = guests;
    }

    /** What happens while clients ask. */
    interface Meanwhile {
        /** Returns when it is over, with everything mended. */
        Happened run(Cloud cloud, List<Client> clients, Guests guests) throws IOException;
    }

    /**
     * What was done to the cloud.
     *
     * @param faults how often each
     * @param outages of a cluster's nodes
     * @param hurts all that was down or frozen
     */
    record Happened(Map<Faults.Kind, Integer> faults, List<Outage> outages, List<Faults.Hurt> hurts) {

        /** Nothing of what a {@link Result} tells. */
        static final Happened NOTHING = new Happened(Map.of(), List.of(), List.of());
    }

    /** Hurts everything at random. */
    static Result of(Plan plan) throws IOException {
        return of(plan, (cloud, clients, guests) -> {
            try (Faults faults = new Faults(plan.seed(), cloud, clients, guests)) {
                faults.run(plan.duration());
                return new Happened(faults.done(), faults.outages(), faults.hurts());
            }
        });
    }

    /** Runs; the scratch directory stays when something is wrong. */
    static Result of(Plan plan, Meanwhile meanwhile) throws IOException {
        Path scratch = Files.createTempDirectory("kvm-chaos-");
        Result result;
        try (var _ = new Keeper(scratch);
                var cloud = new Cloud(plan, scratch)) {
            result = new Run(cloud, new Guests(scratch, plan.seed())).run(plan, scratch, meanwhile);
        }
        if (result.clean()) {
            delete(scratch);
        }
        return result;
    }

    private Result run(Plan plan, Path scratch, Meanwhile meanwhile) throws IOException {
        cloud.start();
        awaitUp();
        for (int number = 1; number <= plan.clients(); number++) {
            Wire wire = cloud.wire();
            clients.add(new Client("c" + number, plan.seed() * 1000 + number, wire, cloud.operator(wire)));
        }
        List<Thread> threads = clients.stream()
                .map(client -> Thread.ofPlatform().daemon().start(client::run))
                .toList();
        Instant began = Instant.now();
        Happened happened = meanwhile.run(cloud, clients, guests);
        Duration took = Duration.between(began, Instant.now());
        guests.calm();
        clients.forEach(Client::leave);
        threads.forEach(Run::join);
        List<Problem> problems = new ArrayList<>(settled());
        clients.forEach(Client::close);
        List<Ask> asks =
                clients.stream().flatMap(client -> client.asks().stream()).toList();
        problems.addAll(silences(happened.outages(), asks));
        List<String> slowest = Slowest.of(cloud, asks, happened.hurts());
        return new Result(plan, asks, happened.faults(), happened.outages(), took, slowest, problems, scratch);
    }

    /** The others must carry a cluster on while one node is down. */
    private static List<Problem> silences(List<Outage> outages, List<Ask> asks) {
        return outages.stream()
                .filter(outage -> outage.pause(asks).compareTo(LONGEST_PAUSE) > 0)
                .map(outage -> new Problem(
                        Kind.STUCK,
                        "for " + outage.pause(asks).toMillis() + " ms nothing was acknowledged while " + outage.node()
                                + " was down"))
                .toList();
    }

    private void awaitUp() {
        Instant latest = Instant.now().plus(STARTS);
        while (controllers() < Plan.CONTROLLERS.size()) {
            if (Instant.now().isAfter(latest)) {
                throw new IllegalStateException(
                        "the cloud did not come up within " + STARTS.toMinutes() + " min: see " + cloud.scratch());
            }
            LockSupport.parkNanos(200_000_000);
        }
        LockSupport.parkNanos(QUEUES_SETTLE.toNanos());
    }

    private int controllers() {
        try (Wire wire = cloud.wire();
                Requester requester = Requester.open(cloud.operator(wire), "kvm-cli chaos", "kvm-chaos/1")) {
            return requester.ask(new ListControllers(), ANSWER).controllers().size();
        } catch (CommandFailed notYet) {
            return 0;
        }
    }

    /** Problems that time does not mend: what was done twice stays so, others must stay the same for a while. */
    private List<Problem> settled() {
        Instant latest = Instant.now().plus(SETTLES);
        List<Problem> problems = look();
        Instant since = Instant.now();
        while (!problems.isEmpty()
                && problems.stream().noneMatch(problem -> problem.kind() == Kind.DOUBLED)
                && Instant.now().isBefore(latest)
                && Instant.now().isBefore(since.plus(STAYS))) {
            LockSupport.parkNanos(1_000_000_000);
            List<Problem> now = look();
            since = now.equals(problems) ? since : Instant.now();
            problems = now;
        }
        return problems;
    }

    private List<Problem> look() {
        try (Wire wire = cloud.wire();
                Requester requester = Requester.open(cloud.operator(wire), "kvm-cli chaos", "kvm-chaos/1")) {
            deadLetters.addAll(cloud.queues().takeDeadLetters());
            var listed = requester.ask(new ListInstances(), ANSWER).instances();
            List<Problem> problems = Verdict.of(cloud, guests, clients, listed, deadLetters);
            return problems.isEmpty() ? PortCheck.of(cloud, requester) : problems;
        } catch (CommandFailed | IOException unknown) {
            return List.of(new Problem(Kind.STUCK, "the cloud does not answer: " + unknown.getMessage()));
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    /** Removes what a run has kept. */
    static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException busy) {
            throw new UncheckedIOException(busy);
        }
    }
}
