package io.kvmcloud.messages;

import java.util.List;

/** What controllers tell everyone who listens on {@code kvm.events}; the manager's table is made of these. */
public sealed interface Event extends Message {

    /** The controller it comes from. */
    ControllerName controller();

    /** A controller is there, with all it has: sent when it connects, on a roll call, and every 30 s. */
    @WireName("controller.up")
    record ControllerUp(ControllerView view, List<InstanceView> instances) implements Event {
        @Override
        public ControllerName controller() {
            return view.name();
        }
    }

    /** A controller still is there: every 2 s, with what it has left. */
    @WireName("controller.heartbeat")
    record ControllerHeartbeat(ControllerName controller, Capacity capacity) implements Event {}

    /** A controller leaves in an orderly way; its guests may run on. */
    @WireName("controller.down")
    record ControllerDown(ControllerName controller) implements Event {}

    /** An operator gave a controller up: every manager drops it. Said by a manager, of the user {@code kvm-manager}. */
    @WireName("controller.forgotten")
    record ControllerForgotten(ControllerName controller) implements Event {}

    /** An instance was created or is in another state than before. */
    @WireName("instance.changed")
    record InstanceChanged(InstanceView instance) implements Event {
        @Override
        public ControllerName controller() {
            return instance.id().controller();
        }
    }

    /** An instance is gone. */
    @WireName("instance.removed")
    record InstanceRemoved(InstanceId id) implements Event {
        @Override
        public ControllerName controller() {
            return id.controller();
        }
    }

    /**
     * Nothing came of a command to create an instance.
     *
     * @param id which was reserved for it and is never given out again
     * @param op the id it was asked under
     */
    @WireName("instance.not-created")
    record InstanceNotCreated(InstanceId id, String op) implements Event {
        @Override
        public ControllerName controller() {
            return id.controller();
        }
    }
}
