package io.kvmcloud.messages;

import java.util.List;

/** Every answer a client can get; {@link Failure} is the only bad one. */
public sealed interface Reply extends Message {

    /** The instance exists, OFFLINE. */
    @WireName("instance.created")
    record InstanceCreated(InstanceView instance) implements Reply {}

    /** QEMU runs and the SSH port is forwarded; the guest may still be booting. */
    @WireName("instance.started")
    record InstanceStarted(InstanceView instance) implements Reply {}

    /** The instance is OFFLINE. */
    @WireName("instance.stopped")
    record InstanceStopped(InstanceView instance) implements Reply {}

    /**
     * The instance is gone, or had been gone before.
     *
     * @param note empty; or why it is not gone yet, and when it will be: its controller is away
     */
    @WireName("instance.deleted")
    record InstanceDeleted(InstanceId id, String note) implements Reply {
        /** It is gone. */
        public InstanceDeleted(InstanceId id) {
            this(id, "");
        }
    }

    /** The end of the serial console, oldest line first. */
    @WireName("instance.log")
    record InstanceLog(InstanceId id, String text) implements Reply {}

    /** What the manager's table says, each row with its age; ordered by id. */
    @WireName("instance.list")
    record InstanceList(List<InstanceRow> instances) implements Reply {}

    /** Ordered by name. */
    @WireName("template.list")
    record TemplateList(List<TemplateRow> templates) implements Reply {}

    /** Ordered by name. */
    @WireName("controller.list")
    record ControllerList(List<ControllerRow> controllers) implements Reply {}

    /** What managers and controllers know of a command. */
    @WireName("op.shown")
    record OpShown(OpView op) implements Reply {}

    /**
     * A manager is there.
     *
     * @param manager its name
     */
    @WireName("pong")
    record Pong(String manager) implements Reply {}

    /**
     * The command had no effect that was asked for.
     *
     * @param reason what a script needs to know
     * @param message what happened and why, with numbers; may have several lines
     * @param hint what to type next, or empty
     */
    @WireName("error")
    record Failure(Reason reason, String message, String hint) implements Reply {}
}
