package io.kvmcloud.bench.chaos;

import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.chaos.Problem.Kind;
import io.kvmcloud.bench.process.FreePorts;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a port is leased that no instance has. A lease is seen nowhere, but a controller gives each new instance its lowest
 * free port: so new ones must fill the gaps one after the other, and one that skips a gap shows who has it.
 */
final class PortCheck {

    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final int MOST = 100;

    private PortCheck() {}

    /** The ports that nobody has and nobody gets. */
    static List<Problem> of(Cloud cloud, Requester requester) {
        Map<String, TreeSet<Integer>> gaps = new HashMap<>();
        Map<String, Set<Integer>> taken = new HashMap<>();
        requester
                .ask(new ListInstances(), ANSWER)
                .instances()
                .forEach(
                        row -> taken.computeIfAbsent(controllerOf(row.instance().id()), _ -> new TreeSet<>())
                                .add(row.instance().sshPort()));
        taken.forEach((controller, ports) -> {
            TreeSet<Integer> open = new TreeSet<>();
            int highest = ports.stream().max(Integer::compare).orElseThrow();
            for (int port = cloud.firstSshPort(controller); port < highest; port++) {
                if (!ports.contains(port) && FreePorts.free(port)) {
                    open.add(port);
                }
            }
            gaps.put(controller, open);
        });
        List<Problem> problems = new ArrayList<>();
        List<InstanceId> made = new ArrayList<>();
        while (gaps.values().stream().anyMatch(open -> !open.isEmpty()) && made.size() < MOST) {
            InstanceView created = requester
                    .ask(new NewInstance(Client.TEMPLATE, MemorySize.ofMebibytes(64), 1, List.of()), ANSWER)
                    .instance();
            made.add(created.id());
            TreeSet<Integer> open = gaps.getOrDefault(controllerOf(created.id()), new TreeSet<>());
            while (!open.isEmpty() && open.first() < created.sshPort()) {
                problems.add(new Problem(
                        Kind.LEAKED,
                        "port " + open.removeFirst() + " of " + created.id().controller()
                                + " belongs to no instance, and " + created.id() + " got " + created.sshPort()));
            }
            open.remove(created.sshPort());
        }
        made.forEach(id -> requester.ask(new DeleteInstance(id, true), ANSWER));
        return problems;
    }

    private static String controllerOf(InstanceId id) {
        return id.controller().value();
    }
}
