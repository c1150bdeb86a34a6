package io.kvmcloud.manager;

import io.kvmcloud.amqp.Topology;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What people read when a manager cannot pass a command on; each says whether anything can have happened. */
final class Refusals {

    private static final String LOOK = "`kvm-cloud instances` shows what is there";
    private static final String WHO = "`kvm-cloud controllers` shows who is there; ask again when it is back";

    private Refusals() {}

    static Failure tooLate(Write write, boolean untouched) {
        return new Failure(
                Reason.TIMED_OUT,
                "request " + write.requestId() + " reached its deadline " + write.deadline()
                        + " before a controller could take it; " + outcome(untouched),
                untouched ? "ask again" : LOOK);
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
        String who = open.stream()
                .map(host -> host.name() + " (" + host.lastSeen() + ")")
                .collect(Collectors.joining(", "));
        return new Failure(
                Reason.UNREACHABLE,
                "request " + write.requestId() + " is in doubt: an earlier copy of it may be with " + who
                        + ", which does not answer; it is carried out once, when that is known, before "
                        + write.deadline(),
                LOOK);
    }

    static Failure queueFull(ControllerName controller) {
        return new Failure(
                Reason.UNREACHABLE,
                "the broker did not take the command for controller " + controller + ": its queue "
                        + Topology.commandsOf(controller) + " is full",
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
        TreeSet<String> known =
                controllers.names().stream().map(ControllerName::value).collect(Collectors.toCollection(TreeSet::new));
        if (known.isEmpty()) {
            return Placement.nobodyConnected(List.of());
        }
        String list = "the controllers are: " + Placement.some(known);
        return new Failure(
                Reason.NOT_FOUND,
                "there is no controller '" + name + "'",
                Spelling.nearest(name.value(), known)
                        .map(near -> "did you mean " + near + "? " + list)
                        .orElse(list));
    }

    private static String outcome(boolean untouched) {
        return untouched ? "nothing was done" : "an earlier copy of the command may have been carried out";
    }
}
