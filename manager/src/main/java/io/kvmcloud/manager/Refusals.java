package io.kvmcloud.manager;

import io.kvmcloud.amqp.Topology;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What people read when a manager cannot pass a command on; each says whether anything can have happened. */
final class Refusals {

    private static final String WHO = "`kvm-cloud controllers` shows who is there; ask again when it is back";

    private Refusals() {}

    static Failure tooLate(Write write, boolean untouched) {
        return new Failure(
                Reason.TIMED_OUT,
                "request " + write.requestId() + " reached its deadline " + write.deadline()
                        + " before a controller could take it; " + outcome(untouched),
                untouched ? "ask again; if it is late each time, a clock is wrong: `kvm-cloud doctor`" : look(write));
    }

    static Failure notPickedUp(ControllerName owner, Optional<Host> host, boolean untouched) {
        return new Failure(
                Reason.UNREACHABLE,
                "controller " + owner + " did not pick the command up within "
                        + Topology.PICK_UP.toSeconds() + " s ("
                        + host.map(Host::lastSeen).orElse("never seen") + "); " + outcome(untouched),
                WHO);
    }

    static Failure away(Host host, boolean untouched) {
        return new Failure(
                Reason.UNREACHABLE,
                "controller " + host.name() + " is not connected (" + host.lastSeen() + "); " + outcome(untouched),
                WHO);
    }

    static Failure inDoubt(Write write, List<Host> open) {
        return new Failure(
                Reason.UNREACHABLE,
                "request " + write.requestId() + " is in doubt: an earlier copy of it may be with " + listed(open)
                        + ", which does not answer; it is carried out once, when that is known, before "
                        + write.deadline(),
                look(write));
    }

    /** The answer about something that waits for a controller; only a removal may. */
    static Reply kept(Write write, Target.Owner owner) {
        return new Reply.InstanceDeleted(
                new InstanceId(owner.controller(), owner.number()),
                notConnected(owner) + "; it is removed when that returns before " + write.deadline());
    }

    /** It is looked at again until its deadline, whether its client hears this or has gone before. */
    static Failure stored(Write write, String why) {
        return new Failure(
                Reason.UNREACHABLE,
                "request " + write.requestId() + " is stored and is carried out when that is possible before "
                        + write.deadline() + ": " + why,
                look(write));
    }

    /** The same id stands for something else. */
    static Failure otherCommand(Write write, ControllerName to) {
        return new Failure(
                Reason.INVALID,
                "op " + write.requestId() + " is another command's, for controller " + to + "; nothing was done",
                "give each command an id of its own, or leave --op-id out");
    }

    static Failure nameTaken(String name, InstanceId by) {
        return new Failure(
                Reason.REFUSED,
                "the name " + name + " is taken: " + by + " has it; nothing was created",
                "choose another; `kvm-cloud info " + by + "` shows who has this one");
    }

    /** It is not there yet, so it has no id that we know. */
    static Failure nameKept(String name, String requestId) {
        return new Failure(
                Reason.REFUSED,
                "the name " + name + " is taken: op " + requestId + " is creating an instance of that name;"
                        + " nothing was created",
                "`kvm-cloud op show " + requestId + "` tells what becomes of it");
    }

    static Failure queueFull(ControllerName controller) {
        return new Failure(
                Reason.UNREACHABLE,
                "the broker did not take the command for controller " + controller + ": its queue "
                        + Topology.commandsOf(controller) + " is full, or was just losing its node",
                "ask again in a while; `kvm-cloud controllers` shows whether it works");
    }

    /** There is no queue for it: never seen, not ours, or known and without its queue. */
    static Failure noQueue(ControllerName name, Controllers controllers, boolean untouched) {
        Optional<Host> host = controllers.host(name);
        if (host.isPresent()) {
            return new Failure(
                    Reason.UNREACHABLE,
                    "controller " + name + " (" + host.get().lastSeen() + ") has no queue " + Topology.commandsOf(name)
                            + " on this broker; " + outcome(untouched),
                    "it makes the queue when it connects: start or restart controller " + name);
        }
        SortedSet<String> known = names(controllers);
        return known.isEmpty() ? Placement.nobodyConnected(List.of()) : unknown(name, known);
    }

    /** None of these. */
    static Failure unknown(ControllerName name, SortedSet<String> known) {
        String list = known.isEmpty()
                ? "no controller has announced itself"
                : "the controllers are: " + Placement.some(known);
        return new Failure(
                Reason.NOT_FOUND,
                "there is no controller '" + name + "'",
                Spelling.nearest(name.value(), known)
                        .map(near -> "did you mean " + near + "? " + list)
                        .orElse(list));
    }

    static Failure unknownOp(String op, List<Host> silent) {
        if (silent.isEmpty()) {
            return new Failure(
                    Reason.NOT_FOUND,
                    "no manager and no controller knows op " + op,
                    "it never came here, is one of several (OP/1 or OP/ID), or older than controllers keep outcomes (--op-retention)");
        }
        return new Failure(
                Reason.UNREACHABLE, "nobody who answers knows op " + op + "; not heard: " + listed(silent), WHO);
    }

    private static String listed(List<Host> hosts) {
        return hosts.stream()
                .map(host -> host.name() + " (" + host.lastSeen() + ")")
                .collect(Collectors.joining(", "));
    }

    static SortedSet<String> names(Controllers controllers) {
        return controllers.names().stream().map(ControllerName::value).collect(Collectors.toCollection(TreeSet::new));
    }

    static String notConnected(Target.Owner owner) {
        return "controller " + owner.controller() + " is not connected";
    }

    private static String look(Write write) {
        return "`kvm-cloud op show " + write.requestId() + "` tells what became of it";
    }

    private static String outcome(boolean untouched) {
        return untouched ? "nothing was done" : "an earlier copy of the command may have been carried out";
    }
}
