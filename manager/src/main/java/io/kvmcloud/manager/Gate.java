package io.kvmcloud.manager;

import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Event.ControllerUp;
import io.kvmcloud.messages.Event.InstanceChanged;

/** Which events are believed: a controller speaks for itself only, a manager of who is forgotten; and not without end. */
final class Gate {

    /**
     * An instance in JSON has a few hundred bytes, some thousand with all its forwards and QEMU's last words; with the limit on
     * their number this bounds the table.
     */
    private static final int LARGEST_CHANGE = 8192;

    private Gate() {}

    /** True when exchange, key, user and content agree on who speaks, and it is of a size worth remembering. */
    static boolean admits(Event event, Delivery delivery) {
        String name = event.controller().value();
        String speaker = event instanceof Event.ControllerForgotten ? Topology.MANAGER_USER : name;
        return Topology.EVENTS.equals(delivery.exchange())
                && Topology.keyOf(event).equals(delivery.routingKey())
                && speaker.equals(delivery.envelope().userId())
                && switch (event) {
                    case ControllerUp up -> up.consistent();
                    case InstanceChanged _ -> delivery.envelope().body().length <= LARGEST_CHANGE;
                    case Event.ControllerHeartbeat _,
                            Event.ControllerDown _,
                            Event.ControllerForgotten _,
                            Event.InstanceRemoved _,
                            Event.InstanceNotCreated _ -> true;
                };
    }
}
