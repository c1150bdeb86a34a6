package io.kvmcloud.bench.chaos;

import io.kvmcloud.bench.chaos.Problem.Kind;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.Reply.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The invariant: what was acknowledged is what is on the disks is what runs. Looks once; a cloud that is still settling is
 * looked at again.
 */
final class Verdict {

    private static final Set<String> QUEUES = Stream.concat(
                    Stream.of("kvm.manager.commands", "kvm.manager.indoubt", "kvm.manager.queries", "kvm.dead-letters"),
                    Stream.concat(
                            Plan.MANAGERS.stream()
                                    .flatMap(name -> Stream.of("events", "queries")
                                            .map(kind -> "kvm.manager." + name + "." + kind)),
                            Plan.CONTROLLERS.stream()
                                    .flatMap(name -> Stream.of("commands", "queries")
                                            .map(kind -> "kvm.controller." + name + "." + kind))))
            .collect(Collectors.toUnmodifiableSet());

    private static final String EXPIRED = "kvm.manager.commands expired";

    private final Cloud cloud;
    private final Guests guests;
    private final List<Client> clients;
    private final Map<InstanceId, Mine> expected;
    private final Map<InstanceId, List<Long>> running;
    private final List<Problem> problems = new ArrayList<>();

    private Verdict(Cloud cloud, Guests guests, List<Client> clients) {
        this.cloud = cloud;
        this.guests = guests;
        this.running = guests.running();
        this.clients = clients;
        this.expected = clients.stream()
                .flatMap(client -> client.mine().stream())
                .collect(Collectors.toMap(Mine::id, Function.identity()));
    }

    /**
     * Everything that is not as it must be.
     *
     * @param listed what the managers say
     * @param deadLetters all that there were, as {@link Queues#takeDeadLetters} tells them
     */
    static List<Problem> of(
            Cloud cloud, Guests guests, List<Client> clients, List<InstanceRow> listed, List<String> deadLetters)
            throws IOException {
        Verdict verdict = new Verdict(cloud, guests, clients);
        verdict.answers(Journals.of(cloud));
        for (String controller : Plan.CONTROLLERS) {
            verdict.disk(controller);
        }
        verdict.list(listed.stream()
                .collect(Collectors.toMap(
                        row -> row.instance().id(), Function.identity(), (one, _) -> one, TreeMap::new)));
        verdict.queues();
        verdict.deadLetters(deadLetters);
        return verdict.problems;
    }

    private void answers(Journals journals) {
        for (Client client : clients) {
            client.surprises().forEach(surprise -> add(Kind.DOUBLED, surprise));
            for (Ask ask : client.asks()) {
                List<Journals.Taken> taken = journals.of(ask.requestId());
                switch (ask.outcome()) {
                    case Ask.Unknown(var lastWords) -> add(Kind.STUCK, ask + " has no outcome: " + lastWords);
                    case Ask.NothingDone _
                    when !taken.isEmpty() ->
                        add(Kind.DOUBLED, ask + ": nothing was done, it was said, and it is with " + taken);
                    case Ask.Answered(Failure refused) -> {}
                    case Ask.NothingDone _ -> {}
                    case Ask.Answered(var reply)
                    when taken.isEmpty() ->
                        add(Kind.LOST, ask + ": answered with " + reply + ", and no journal has it");
                    case Ask.Answered _ -> {}
                }
            }
        }
        journals.taken().forEach((requestId, taken) -> {
            if (taken.size() > 1) {
                add(Kind.DOUBLED, "request " + requestId + " was taken " + taken.size() + " times: " + taken);
            }
            if (!taken.stream().allMatch(Journals.Taken::settled)) {
                add(Kind.STUCK, "request " + requestId + " is in the journal without an outcome: " + taken);
            }
        });
    }

    /** Directories against what clients were told, and processes and sockets against directories. */
    private void disk(String controller) throws IOException {
        Set<InstanceId> deleted = clients.stream()
                .flatMap(client -> client.deleted().stream())
                .map(Mine::id)
                .collect(Collectors.toSet());
        Set<InstanceId> found = new TreeSet<>();
        for (Path directory : children(cloud.instances(controller))) {
            String name = directory.getFileName().toString();
            if (!name.matches("\\d+")) {
                add(Kind.LEAKED, directory + " is half-made, half-removed or damaged");
                continue;
            }
            InstanceId id = InstanceId.parse(controller + "/" + name);
            found.add(id);
            if (deleted.contains(id)) {
                add(Kind.LOST, id + " was deleted, and is still in " + directory);
            } else if (!expected.containsKey(id)) {
                add(Kind.DOUBLED, id + " is an instance that nobody was told of, in " + directory);
            } else if (!Files.exists(directory.resolve("instance.json"))) {
                add(Kind.LOST, id + " has no record in " + directory);
            }
            if (!running.containsKey(id)) {
                children(directory).stream()
                        .filter(file -> file.toString().endsWith(".sock"))
                        .forEach(file -> add(Kind.LEAKED, file + " is the socket of no QEMU"));
            }
        }
        expected.values().stream()
                .filter(one -> one.id().controller().value().equals(controller) && !found.contains(one.id()))
                .forEach(one ->
                        add(Kind.LOST, one.id() + " was created by request " + one.born() + " and is not there"));
    }

    private void list(Map<InstanceId, InstanceRow> listed) {
        running.forEach((id, pids) -> {
            if (pids.size() > 1) {
                add(Kind.DOUBLED, id + " has " + pids.size() + " QEMUs: " + pids);
            }
            if (!expected.containsKey(id)) {
                add(Kind.LEAKED, "QEMU " + pids + " runs for " + id + ", which is no instance");
            }
        });
        listed.keySet().stream()
                .filter(id -> !expected.containsKey(id))
                .forEach(id -> add(Kind.STUCK, id + " is listed, and nobody has it"));
        for (Mine one : expected.values()) {
            boolean runs = running.containsKey(one.id());
            Optional.ofNullable(listed.get(one.id()))
                    .ifPresentOrElse(
                            row -> compare(one, row, runs), () -> add(Kind.LOST, one.id() + " is not in the list"));
        }
    }

    private void compare(Mine one, InstanceRow row, boolean runs) {
        InstanceStatus status = row.instance().status();
        String shown = one.id() + ", " + status + " in the list,";
        if (!row.reachable()) {
            add(Kind.STUCK, shown + " is unreachable");
        }
        if (status == InstanceStatus.STARTING || status == InstanceStatus.STOPPING) {
            add(Kind.STUCK, shown + " does not come to rest");
        }
        if (runs != (status == InstanceStatus.ONLINE)) {
            add(runs ? Kind.LEAKED : Kind.LOST, shown + (runs ? " has a QEMU" : " has no QEMU"));
        }
        if (runs && one.power() == Mine.Power.OFF) {
            add(Kind.DOUBLED, shown + " runs, though its end was acknowledged at " + one.since());
        }
        if (!runs && one.power() == Mine.Power.ON) {
            boolean died = guests.died(one.id())
                    .filter(when -> when.isAfter(one.before()))
                    .isPresent();
            if (!died) {
                add(Kind.LOST, shown + " does not run, though a run was acknowledged at " + one.since());
            }
        }
    }

    /** A command whose time was over before a manager lived to read it is where it belongs. */
    private void deadLetters(List<String> letters) {
        letters.stream()
                .filter(letter -> !letter.equals(EXPIRED))
                .forEach(letter -> add(Kind.LEAKED, "a dead letter: " + letter));
    }

    private void queues() throws IOException {
        cloud.queues().messages().forEach((queue, messages) -> {
            if (!QUEUES.contains(queue)) {
                add(Kind.LEAKED, "queue " + queue + " is nobody's");
            } else if (messages != 0 && !queue.endsWith(".events") && !queue.endsWith("queries")) {
                add(Kind.LEAKED, "queue " + queue + " holds " + messages + " messages");
            }
        });
    }

    private void add(Kind kind, String what) {
        problems.add(new Problem(kind, what));
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.sorted().toList();
        }
    }
}
