package io.kvmcloud.manager;

import io.kvmcloud.amqp.QueueLook;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.health.Check;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.settings.Version;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A manager looks at the broker, where a client may not. Not for a channel's own thread: each queue is a question. */
final class Examination {

    private static final String DEFINE = "import the definitions file that `kvm-cloud definitions` writes";

    private final String name;
    private final Session session;
    private final Controllers controllers;
    private final Clock clock;
    private final List<Check> checks = List.of(
            Check.of("alarm", this::alarm),
            Check.of("queues", this::queues),
            Check.of("dead letters", this::deadLetters),
            Check.of("in doubt", this::inDoubt),
            Check.of("controllers", this::controllers));

    Examination(String name, Session session, Controllers controllers, Clock clock) {
        this.name = name;
        this.session = session;
        this.controllers = controllers;
        this.clock = clock;
    }

    /** All of it, now. */
    Reply.CloudExamined answer() {
        List<Finding> findings = Check.all(checks);
        return new Reply.CloudExamined(name, Version.current(), clock.instant(), findings);
    }

    private List<Finding> alarm(String check) {
        String blocked = session.blocked();
        return List.of(
                blocked == null
                        ? Finding.ok(check, "RabbitMQ takes messages")
                        : Finding.fail(
                                check,
                                "RabbitMQ takes no messages: " + blocked,
                                "free memory or disk space on the broker's machine"));
    }

    private List<Finding> queues(String check) {
        List<Finding> findings = new ArrayList<>();
        int messages = look(Topology.MANAGER_COMMANDS).map(QueueLook::messages).orElse(0);
        List<Host> hosts = controllers.hosts();
        judge(check, Topology.MANAGER_COMMANDS, "no manager takes commands", "restart the managers")
                .ifPresent(findings::add);
        for (Host host : hosts) {
            judge(
                            check,
                            Topology.commandsOf(host.name()),
                            "controller " + host.name() + " is not connected, " + host.lastSeen(),
                            "start controller " + host.name()
                                    + "; if it is lost for good, `kvm-cloud controllers forget " + host.name() + "`")
                    .ifPresent(findings::add);
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    check,
                    "all " + (hosts.size() + 1) + " have a consumer, " + messages + " commands wait for a manager"));
        }
        return findings;
    }

    private Optional<Finding> judge(String check, String queue, String why, String fix) {
        Optional<QueueLook> look = look(queue);
        if (look.isEmpty()) {
            return Optional.of(Finding.fail(
                    check,
                    "there is no queue " + queue + ": " + why,
                    queue.equals(Topology.MANAGER_COMMANDS) ? DEFINE : fix));
        }
        return look.filter(seen -> seen.consumers() == 0)
                .map(seen -> Finding.fail(
                        check, "queue " + queue + " has no consumer (" + seen.messages() + " wait): " + why, fix));
    }

    private List<Finding> deadLetters(String check) {
        return List.of(look(Topology.DEAD_LETTERS)
                .map(look -> look.messages() == 0
                        ? Finding.ok(check, "none")
                        : Finding.warn(
                                check,
                                look.messages() + (look.messages() == 1 ? " message" : " messages")
                                        + " that nobody could handle",
                                "`kvm-cloud dead-letters` shows why; requeue or drop them"))
                .orElseGet(() -> Finding.fail(check, "there is no queue " + Topology.DEAD_LETTERS, DEFINE)));
    }

    private List<Finding> inDoubt(String check) {
        return List.of(look(Topology.MANAGER_INDOUBT)
                .map(look -> look.messages() == 0
                        ? Finding.ok(check, "no command")
                        : Finding.warn(
                                check,
                                look.messages() + " commands wait for a controller that is away",
                                "start it, or `kvm-cloud controllers forget` it if it is lost for good"))
                .orElseGet(() -> Finding.fail(check, "there is no queue " + Topology.MANAGER_INDOUBT, DEFINE)));
    }

    private List<Finding> controllers(String check) {
        List<Host> hosts = controllers.hosts();
        if (hosts.isEmpty()) {
            return List.of(Finding.fail(
                    check,
                    "no controller has announced itself",
                    "start one with this broker's address; `kvm-cloud up` starts a cloud on this machine"));
        }
        List<Finding> findings = new ArrayList<>();
        hosts.stream()
                .filter(host -> !host.reachable()
                        && look(Topology.commandsOf(host.name()))
                                        .orElse(new QueueLook(0, 0))
                                        .consumers()
                                > 0)
                .forEach(host -> findings.add(Finding.fail(
                        check,
                        "controller " + host.name() + " is connected and says nothing, " + host.lastSeen(),
                        "its log says more; restart it, its guests run on")));
        hosts.stream()
                .filter(host -> host.reachable() && host.draining())
                .forEach(host -> findings.add(Finding.warn(
                        check,
                        "controller " + host.name() + " is draining: it is given no new instances",
                        "`kvm-cloud undrain " + host.name() + "` when its work is done")));
        long there = hosts.stream().filter(Host::reachable).count();
        findings.add(
                there == 0
                        ? Finding.fail(check, "none of " + hosts.size() + " is there", "start them")
                        : Finding.ok(check, there + " of " + hosts.size() + " are there"));
        return findings;
    }

    private Optional<QueueLook> look(String queue) {
        try {
            return session.look(queue);
        } catch (IOException broken) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "RabbitMQ does not say: " + broken.getMessage(),
                    "ask again in a moment",
                    broken);
        }
    }
}
