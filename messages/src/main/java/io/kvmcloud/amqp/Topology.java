package io.kvmcloud.amqp;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import java.time.Duration;
import java.util.Locale;

/** Every name an operator meets in the management console, and every routing key. What they are for: docs/wire.md. */
public final class Topology {

    /** Topic exchange that clients publish commands to. */
    public static final String COMMANDS = "kvm.commands";
    /** Topic exchange through which the active manager reaches controllers. */
    public static final String CONTROLLERS = "kvm.controllers";
    /** Topic exchange on which controllers tell what happened. */
    public static final String EVENTS = "kvm.events";
    /** Fanout exchange that brings back what a controller did not pick up. */
    public static final String UNPICKED = "kvm.unpicked";
    /** Fanout exchange to the dead letters. */
    public static final String DEAD = "kvm.dead";

    /** Quorum queue with a single active consumer: every write waits here for the active manager. */
    public static final String MANAGER_COMMANDS = "kvm.manager.commands";
    /** Exists while a manager lives: reads, answered by any manager. */
    public static final String MANAGER_QUERIES = "kvm.manager.queries";
    /** Commands whose first copy may be with a controller that is away; they come back every 10 s. */
    public static final String MANAGER_INDOUBT = "kvm.manager.indoubt";
    /** Messages nobody could handle, for people. */
    public static final String DEAD_LETTERS = "kvm.dead-letters";

    /** Exclusive, and there only while a manager looks through the dead letters: one at a time. */
    public static final String DEAD_LETTERS_OPEN = "kvm.manager.dead-letters-open";

    /** Direct reply-to: the broker routes answers to the asking connection, no queue exists. */
    public static final String DIRECT_REPLY_TO = "amq.rabbitmq.reply-to";

    /** The broker user of every manager. */
    public static final String MANAGER_USER = "kvm-manager";

    /** How long a command may wait in a controller's queue before the manager gets it back. */
    public static final Duration PICK_UP = Duration.ofSeconds(5);

    /** Key by which every controller's query queue hears the manager's roll call. */
    public static final String ROLL_CALL = "all.query";

    /**
     * Key by which every controller's command queue gets the roll call of a manager that starts; the queues of controllers
     * that are away send it back, and so name themselves.
     */
    public static final String ROLL_CALL_OF_ALL = "all.command";

    /** Key on {@link #EVENTS} by which every manager hears what a manager asks. */
    public static final String MANAGERS = "manager.op";

    /** Keys on {@link #COMMANDS} of what operators have a manager do. */
    public static final String ADMINISTRATION = "admin.#";

    private Topology() {}

    /** The queue of commands for one controller; it outlives the controller's process. */
    public static String commandsOf(ControllerName controller) {
        return "kvm.controller." + controller + ".commands";
    }

    /** The exclusive queue of reads for one controller; it is also the controller's identity lock. */
    public static String queriesOf(ControllerName controller) {
        return "kvm.controller." + controller + ".queries";
    }

    /** The exclusive queue through which one manager hears events. */
    public static String eventsOf(String manager) {
        return "kvm.manager." + manager + ".events";
    }

    /** The exclusive queue of reads that one manager of a cluster has instead of a share in {@link #MANAGER_QUERIES}. */
    public static String queriesOf(String manager) {
        return "kvm.manager." + manager + ".queries";
    }

    /** Key on {@link #CONTROLLERS} of a command for one controller. */
    public static String commandKey(ControllerName controller) {
        return controller + ".command";
    }

    /** Key on {@link #CONTROLLERS} of a read for one controller. */
    public static String queryKey(ControllerName controller) {
        return controller + ".query";
    }

    /**
     * Key on {@link #COMMANDS}, the one place it is derived: {@code write.instance.run.s2.2000}, {@code write.instance.new},
     * {@code write.template.warm.s2}, {@code read.instance.list}, {@code admin.controller.forget}. The broker's permissions hang on it, so receivers compare it with what they decode.
     */
    public static String keyOf(Command<?> command) {
        return switch (command) {
            case Command.Placed<?> placed -> "write." + placed.wireName();
            case Command.Addressed<?> addressed -> "write." + addressed.wireName() + "." + words(addressed.id());
            case Command.Hosted<?> hosted -> "write." + hosted.wireName() + "." + hosted.controller();
            case Command.InstanceInspection<?> inspection ->
                "read." + inspection.wireName() + "." + words(inspection.id());
            case Command.HostInspection<?> inspection ->
                "read." + inspection.wireName() + "." + inspection.controller();
            case Command.Query<?> query -> "read." + query.wireName();
            case Command.Administration<?> task -> "admin." + task.wireName();
        };
    }

    /** Key on {@link #EVENTS}: {@code controller.s2.heartbeat}, {@code instance.s2.2000.online}. */
    public static String keyOf(Event event) {
        return switch (event) {
            case Event.ControllerUp up -> "controller." + up.controller() + ".up";
            case Event.ControllerHeartbeat beat -> "controller." + beat.controller() + ".heartbeat";
            case Event.ControllerDown down -> "controller." + down.controller() + ".down";
            case Event.ControllerForgotten gone -> "controller." + gone.controller() + ".forgotten";
            case Event.InstanceChanged changed ->
                "instance." + words(changed.instance().id()) + "."
                        + changed.instance().status().name().toLowerCase(Locale.ROOT);
            case Event.InstanceRemoved removed -> "instance." + words(removed.id()) + ".removed";
            case Event.InstanceNotCreated failed -> "instance." + words(failed.id()) + ".not-created";
        };
    }

    private static String words(InstanceId id) {
        return id.controller() + "." + id.number();
    }
}
