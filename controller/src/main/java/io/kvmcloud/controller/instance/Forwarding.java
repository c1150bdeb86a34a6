package io.kvmcloud.controller.instance;

import io.kvmcloud.lifecycle.Undo;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Reason;
import java.util.Optional;

/**
 * Changes the forwards of an instance wholly or not at all. What its record says is so: a guest has at most those that are
 * written down, and gets the ones it lacks when it is started or adopted.
 */
record Forwarding(Surroundings around) {

    /**
     * Adds one, unless it is there.
     *
     * @param running the guest that is to have it now, or empty
     * @param op the request that asks for it
     * @return the record, as it is written down now
     * @throws CommandFailed when the port cannot be had
     */
    InstanceRecord add(InstanceRecord record, Forward wanted, String op, Optional<Guest> running) {
        if (record.ports().contains(wanted)) {
            return record;
        }
        if (record.forwards().size() >= Forward.MOST) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    record.id() + " has " + Forward.MOST + " forwards already, which is the most",
                    "`kvm-cloud forward " + record.id() + " --remove HOST` gives one up");
        }
        try (Undo undo = new Undo()) {
            Forward forward = around.ports().lease(wanted, record.id());
            undo.add(() -> around.ports().release(forward.port(), record.id()));
            InstanceRecord more = record.with(forward, op);
            around.save(more);
            undo.add(() -> around.save(record));
            running.ifPresent(guest -> guest.forward(forward));
            undo.keep();
            return more;
        }
    }

    /**
     * Takes one away.
     *
     * @return the record, as it is written down now
     * @throws CommandFailed {@link Reason#NOT_FOUND} when it has none at this port
     */
    InstanceRecord remove(InstanceRecord record, Forward.Port port, Optional<Guest> running) {
        Forward forward = record.at(port).orElseThrow(() -> unknown(record, port));
        try (Undo undo = new Undo()) {
            running.ifPresent(guest -> guest.unforward(forward));
            undo.add(() -> running.ifPresent(guest -> guest.forward(forward)));
            InstanceRecord less = record.without(forward);
            around.save(less);
            undo.keep();
            around.ports().release(port, record.id());
            return less;
        }
    }

    private static CommandFailed unknown(InstanceRecord record, Forward.Port port) {
        String has = record.ports().isEmpty()
                ? "it has none"
                : "it has "
                        + String.join(
                                ", ",
                                record.ports().stream().map(Forward::toString).toList());
        return new CommandFailed(
                Reason.NOT_FOUND,
                record.id() + " has no forward of port " + port + ": " + has,
                "`kvm-cloud forward " + record.id() + "` lists them");
    }
}
