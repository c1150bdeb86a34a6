package io.kvmcloud.messages;

import java.util.List;

/** What controllers tell everyone who listens on {@code kvm.events}; the manager's table is made of these. */
public sealed interface Event extends Message {

    /** The controller it comes from. */
    ControllerName controller();

    /**
     * A controller is there, with all it has: sent when it connects, on a roll call, and every 30 s. What is too much for one
     * message comes in several, one behind the other. Each says of a range of numbers what there is in it and so is true
     * without the others; all is known when the ranges have come to the end.
     *
     * @param instances ordered by number
     * @param from the first number of the range; null, of a controller of the release before, is 0
     * @param to the number behind its last; 0 and null: it has no end
     */
    @WireName("controller.up")
    record ControllerUp(ControllerView view, List<InstanceView> instances, Long from, Long to) implements Event {

        /** @throws IllegalArgumentException when there is no such range */
        public ControllerUp {
            from = from == null ? 0 : from;
            to = to == null ? 0 : to;
            if (to != 0 && to < from) {
                throw new IllegalArgumentException("there is no range from " + from + " to " + to);
            }
        }

        /** All there are. */
        public ControllerUp(ControllerView view, List<InstanceView> instances) {
            this(view, instances, 0L, 0L);
        }

        /** Whether all it tells of is its own, and within the range. */
        public boolean consistent() {
            return instances.stream()
                    .map(InstanceView::id)
                    .allMatch(id -> id.controller().equals(controller())
                            && id.number() >= from
                            && (last() || id.number() < to));
        }

        /** Whether nothing comes behind this range. */
        public boolean last() {
            return to == 0;
        }

        /** The same said in two messages; there are two instances at least. */
        public List<ControllerUp> halves() {
            int half = instances.size() / 2;
            long middle = instances.get(half).id().number();
            return List.of(
                    new ControllerUp(view, instances.subList(0, half), from, middle),
                    new ControllerUp(view, instances.subList(half, instances.size()), middle, to));
        }

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
