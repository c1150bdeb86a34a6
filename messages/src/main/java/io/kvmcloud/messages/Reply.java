package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.List;

/** Every answer a client can get; {@link Failure} is the only bad one. */
public sealed interface Reply extends Message {

    /** The instance exists, OFFLINE. */
    @WireName("instance.created")
    record InstanceCreated(InstanceView instance) implements Reply {}

    /** QEMU runs and the SSH port is forwarded; the guest may still be booting. */
    @WireName("instance.started")
    record InstanceStarted(InstanceView instance) implements Reply {}

    /** The instance is PAUSED. */
    @WireName("instance.paused")
    record InstancePaused(InstanceView instance) implements Reply {}

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

    /**
     * The port leads to the guest, or will when it runs.
     *
     * @param forward with the host's port that was chosen
     */
    @WireName("instance.forwarded")
    record InstanceForwarded(InstanceView instance, Forward forward) implements Reply {}

    /** The port does not lead to the guest any more. */
    @WireName("instance.unforwarded")
    record InstanceUnforwarded(InstanceView instance) implements Reply {}

    /**
     * The next instance of the size is a copy, or will be.
     *
     * @param outcome what came of it
     * @param millis how long it took; 0 when nothing was made
     * @param bytes what is kept for it; 0 while it is being made
     */
    @WireName("template.warmed")
    record TemplateWarmed(ControllerName controller, Outcome outcome, int millis, long bytes) implements Reply {
        /** What came of it. */
        public enum Outcome {
            /** A guest was booted and put away. */
            MADE,
            /** One was there. */
            THERE,
            /** It is being made, and nobody waits for it. */
            BEGUN
        }
    }

    /** What a controller found in its templates, ordered by name; the one that was asked for also when it is not there. */
    @WireName("template.verified")
    record TemplatesVerified(ControllerName controller, List<TemplateCheck> templates) implements Reply {}

    /**
     * The template is there.
     *
     * @param outcome what came of it
     * @param digest SHA-256 over its files and their names, in hex
     * @param bytes of its files
     * @param millis how long it took
     */
    @WireName("template.imported")
    record TemplateImported(ControllerName controller, Effect outcome, String digest, long bytes, int millis)
            implements Reply {
        /** What came of it. */
        public enum Effect {
            /** It is new. */
            MADE,
            /** It was there. */
            THERE
        }
    }

    /**
     * The template is gone.
     *
     * @param bytes of images that no template needs any more; they are kept until {@code template.tidy}
     */
    @WireName("template.removed")
    record TemplateRemoved(ControllerName controller, long bytes) implements Reply {}

    /** What no template needed. */
    @WireName("template.tidied")
    record TemplatesTidied(ControllerName controller, boolean dryRun, List<Leftover> leftovers) implements Reply {}

    /**
     * It takes no new instances, also when it is started again.
     *
     * @param instances how many it has, which go on
     */
    @WireName("controller.drained")
    record ControllerDrained(ControllerName controller, int instances) implements Reply {}

    /**
     * It takes new instances.
     *
     * @param instances how many it has
     */
    @WireName("controller.undrained")
    record ControllerUndrained(ControllerName controller, int instances) implements Reply {}

    /**
     * A part of what the guest has written to its serial console, oldest line first.
     *
     * @param from the byte it begins with, of all that it has ever written: before the one that was asked for when the log has
     *     begun again; null, of a controller that cannot tell, is -1
     * @param next the byte behind it; null is -1
     * @param running whether its QEMU runs, so that more may come; null, of a controller that cannot tell, is true
     */
    @WireName("instance.log")
    record InstanceLog(InstanceId id, String text, Long from, Long next, Boolean running) implements Reply {
        /** With what an older controller does not say. */
        public InstanceLog {
            from = from == null ? -1 : from;
            next = next == null ? -1 : next;
            running = running == null || running;
        }

        /** Of one that runs. */
        public InstanceLog(InstanceId id, String text, Long from, Long next) {
            this(id, text, from, next, true);
        }
    }

    /**
     * It was typed.
     *
     * @param number how many have been typed on this line
     */
    @WireName("instance.typed")
    record InstanceTyped(InstanceId id, String line, long number) implements Reply {}

    /**
     * What a controller found on its host.
     *
     * @param at its clock when it answered
     */
    @WireName("host.examined")
    record HostExamined(ControllerName controller, String version, Instant at, List<Finding> findings)
            implements Reply {}

    /**
     * What a host and its guests use.
     *
     * @param at the controller's clock when it looked
     * @param load how many processes have wanted a processor in the last minute; negative when the host does not tell
     * @param processors it has
     * @param guests those that run, ordered by id
     * @param imports templates that are coming; null, of a controller of the release before, is none
     */
    @WireName("host.measured")
    record HostMeasured(
            ControllerName controller,
            Instant at,
            double load,
            int processors,
            List<GuestUse> guests,
            List<ImportProgress> imports)
            implements Reply {
        /** What is not told is none. */
        public HostMeasured {
            imports = imports == null ? List.of() : List.copyOf(imports);
        }
    }

    /**
     * What a manager found on the broker.
     *
     * @param at its clock when it answered
     */
    @WireName("cloud.examined")
    record CloudExamined(String manager, String version, Instant at, List<Finding> findings) implements Reply {}

    /**
     * What the manager's table says, each row with its age; ordered by id.
     *
     * @param next what the next {@link Page} begins after; empty, also null, when there is none
     */
    @WireName("instance.list")
    @JsonPropertyOrder("next") // first, so that who reads it can ask for the next page before it reads the rows
    record InstanceList(List<InstanceRow> instances, String next) implements Reply {
        /** A manager of the release before knows no pages. */
        public InstanceList {
            next = next == null ? "" : next;
        }

        /** All there are. */
        public InstanceList(List<InstanceRow> instances) {
            this(instances, "");
        }
    }

    /** Ordered by name. */
    @WireName("template.list")
    record TemplateList(List<TemplateRow> templates) implements Reply {}

    /**
     * Ordered by name.
     *
     * @param next what the next {@link Page} begins after; empty, also null, when there is none
     */
    @WireName("controller.list")
    @JsonPropertyOrder("next")
    record ControllerList(List<ControllerRow> controllers, String next) implements Reply {
        /** A manager of the release before knows no pages. */
        public ControllerList {
            next = next == null ? "" : next;
        }

        /** All there are. */
        public ControllerList(List<ControllerRow> controllers) {
            this(controllers, "");
        }
    }

    /**
     * What has happened, oldest first.
     *
     * @param next to be asked with for what happens then, of this manager or another
     */
    @WireName("event.list")
    record EventList(List<EventRow> events, long next) implements Reply {}

    /** What managers and controllers know of a command. */
    @WireName("op.shown")
    record OpShown(OpView op) implements Reply {}

    /**
     * The controller is not known any more, and what it had is given up.
     *
     * @param instances how many it had when it was last heard of
     * @param commands how many messages waited in its queue and went with it
     */
    @WireName("controller.forgotten")
    record ControllerForgotten(ControllerName controller, int instances, int commands) implements Reply {}

    /**
     * Dead letters, oldest first.
     *
     * @param total how many there are; more than are listed when there are more than a thousand
     */
    @WireName("dead-letter.list")
    record DeadLetterList(List<DeadLetter> letters, int total) implements Reply {}

    /**
     * All of one dead letter.
     *
     * @param headers a line for each property and header, like {@code deadline: 1764009000000}
     * @param body as text, at most its first 64 KiB
     */
    @WireName("dead-letter.show")
    record DeadLetterShown(DeadLetter letter, List<String> headers, String body) implements Reply {}

    /**
     * What became of each dead letter that was named.
     *
     * @param done the ids of those that left the queue
     * @param refused those that did not, and why
     */
    @WireName("dead-letter.settled")
    record DeadLettersSettled(List<String> done, List<Refused> refused) implements Reply {
        /** One that stays where it is. */
        public record Refused(String id, Reason reason, String message, String hint) {}
    }

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
