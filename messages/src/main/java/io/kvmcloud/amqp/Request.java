package io.kvmcloud.amqp;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * One sending of a command.
 *
 * @param id the same for every sending of it
 * @param attempt 0 for the first, higher for repeats
 * @param deadline after which it is not begun
 * @param appId program and version of who asks
 */
record Request(Command<?> command, String id, int attempt, Instant deadline, String appId) {

    /** How long a command is kept for a controller that is away, when it asks for that. */
    private static final Duration KEPT = Duration.ofDays(7);

    /**
     * Who was to answer may have died in between, and whoever takes its place does the work and knows nobody to tell. Longer than
     * a copy waits for a host to pick it up: the only copy may then be given to another one, or be said not to have been begun.
     */
    static final Duration PATIENCE_WITH_WRITE = Topology.PICK_UP.plusSeconds(1);

    /** Of a read, which takes whom it is asked of some work each time: longer than nearly all of them take. */
    private static final Duration PATIENCE_WITH_READ = Duration.ofSeconds(10);

    /** True when it changes something; it then waits in a queue on disk even while no manager lives. */
    boolean write() {
        return key().startsWith("write.");
    }

    String key() {
        return Topology.keyOf(command);
    }

    /** The same, asked once more. */
    Request again() {
        return new Request(command, id, attempt + 1, deadline, appId);
    }

    /** How long an answer is waited for before it is asked again. */
    Duration patience() {
        return write() ? PATIENCE_WITH_WRITE : PATIENCE_WITH_READ.plusSeconds(command.waitSeconds());
    }

    /** A read that goes the same way: returned at once when no manager lives. */
    Request ping() {
        return new Request(new Command.Ping(), "ping-" + id, 0, deadline, appId);
    }

    /** The error when its time is over. */
    CommandFailed late() {
        if (write()) {
            return unknown("no answer in time; if it had not begun by " + deadline + ", it is not begun any more");
        }
        return switch (command) {
            case Command.InstanceInspection<?> inspection ->
                silent(inspection.id().controller());
            case Command.HostInspection<?> inspection -> silent(inspection.controller());
            default -> unknown("no answer in time");
        };
    }

    private static CommandFailed silent(ControllerName controller) {
        return new CommandFailed(
                Reason.TIMED_OUT,
                "controller " + controller + " has not answered in time",
                "its host may be overloaded, or it hangs: look at its log there; restarting it does not hurt its guests");
    }

    /** The error when it is not known what became of it. */
    CommandFailed unknown(String why) {
        return new CommandFailed(
                Reason.TIMED_OUT,
                why,
                write() ? "`kvm-cloud op show " + id + "` tells what became of it" : "try again");
    }

    Envelope envelope(Instant now) {
        Map<String, Object> headers = new HashMap<>();
        headers.put(Headers.VERSION, Message.VERSION);
        headers.put(Headers.ATTEMPT, attempt);
        if (command instanceof Command.Placed<?> placed) {
            headers.put(Headers.TEMPLATE, placed.template());
            headers.put(Headers.MEMORY, placed.memory().mebibytes());
            headers.put(Headers.CPUS, placed.cpus());
            headers.put(Headers.NAME, placed.name());
        }
        Instant last = deadline;
        if (command instanceof Command.Addressed<?> addressed && addressed.kept()) {
            headers.put(Headers.KEPT, true);
            last = now.plus(KEPT);
        }
        headers.put(Headers.DEADLINE, last.toEpochMilli());
        Duration left = Duration.between(now, last);
        return new Envelope(
                command.wireName(),
                id,
                id,
                Topology.DIRECT_REPLY_TO,
                null,
                appId,
                headers,
                left.isPositive() ? left : Duration.ofMillis(1),
                write(),
                Codec.encode(command));
    }
}
