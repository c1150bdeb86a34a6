package io.kvmcloud.amqp;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.RequestId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the cloud and waits for the answer (direct reply-to, correlation id). When the connection breaks in between, it
 * connects again and asks again under the same request id until the deadline: the cloud carries a request out once and
 * answers a repeat as the first time. So it does when the broker ends the connection because it refuses what another thread
 * asks. Safe for several threads.
 */
public final class Requester implements AutoCloseable {

    private static final Duration RETRY = Duration.ofMillis(300);

    private final BrokerAddress address;
    private final String name;
    private final String appId;
    private final Clock clock;
    private @Nullable Line line;
    private boolean closed;

    private Requester(BrokerAddress address, String name, String appId, Clock clock) {
        this.address = address;
        this.name = name;
        this.appId = appId;
        this.clock = clock;
    }

    /**
     * Connects.
     *
     * @param name what the management console shows for the connection
     * @param appId program and version, the {@code app_id} of every message
     * @throws CommandFailed {@link Reason#UNREACHABLE} when the broker does not answer or does not let us in
     */
    public static Requester open(BrokerAddress address, String name, String appId) {
        Requester requester = new Requester(address, name, appId, Clock.systemUTC());
        requester.line(0);
        return requester;
    }

    /** What the broker calls itself, like {@code RabbitMQ 4.0.5}. */
    public String broker() {
        return line(0).broker();
    }

    /** Asks under a new request id, see {@link #ask(Command, String, Duration)}. */
    public <R extends Reply> R ask(Command<R> command, Duration deadline) {
        return ask(command, RequestId.next(clock), deadline);
    }

    /**
     * Asks and waits.
     *
     * @param requestId the same one asks for the same effect again, and gets the same answer
     * @param deadline how long an answer is waited for; a command that has not begun by then is never begun
     * @return the good answer
     * @throws CommandFailed with the cloud's reason, or {@link Reason#UNREACHABLE} or {@link Reason#TIMED_OUT} with what is
     *     known of the request
     */
    public <R extends Reply> R ask(Command<R> command, String requestId, Duration deadline) {
        return ask(command, requestId, deadline, 0, _ -> {});
    }

    /**
     * Asks for a page of a list.
     *
     * @param next told what the next page begins after, if there is one, before the rows of this one are read
     */
    public <R extends Reply> R ask(Command<R> command, String requestId, Duration deadline, Consumer<String> next) {
        return ask(command, requestId, deadline, 0, answer -> Codec.next(answer).ifPresent(next));
    }

    /**
     * Asks for what may have been asked for before under this id, by anyone: it is looked for before it is carried out, which
     * takes a little longer. Otherwise as {@link #ask(Command, String, Duration)}.
     */
    public <R extends Reply> R askAgain(Command<R> command, String requestId, Duration deadline) {
        return ask(command, requestId, deadline, 1, _ -> {});
    }

    @SuppressWarnings("unchecked") // Codec.answer has looked
    private <R extends Reply> R ask(
            Command<R> command, String requestId, Duration deadline, int askedBefore, Consumer<Envelope> come) {
        Instant until = clock.instant().plus(deadline);
        boolean away = false;
        for (int lost = 0; ; lost++) {
            Request request = new Request(command, requestId, askedBefore + lost, until, appId);
            try {
                Envelope answer = line(lost).ask(request, away);
                come.accept(answer);
                Reply reply = Codec.answer(command, answer);
                if (reply instanceof Reply.Failure failure) {
                    throw new CommandFailed(failure);
                }
                return (R) reply;
            } catch (SessionLost gone) {
                if (!gone.brokerThere()) {
                    pause(request, until, gone);
                    away = true;
                }
            } catch (CommandFailed failed) {
                throw request.write() ? failed.of(requestId) : failed;
            }
        }
    }

    /** Ends the connection; who still waits for an answer gets {@link Reason#UNREACHABLE}. */
    @Override
    public synchronized void close() {
        closed = true;
        if (line != null) {
            line.close();
        }
    }

    /** A broker that is away at the first attempt is an error; at a later one it may be restarting. */
    private synchronized Line line(int lost) {
        if (closed) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "the connection was closed before an answer came; the request may have been carried out",
                    "`kvm-cloud instances` shows what is there");
        }
        if (line == null || line.broken()) {
            try {
                line = Line.open(address, name, clock);
            } catch (CommandFailed unreachable) {
                if (lost == 0) {
                    throw unreachable;
                }
                throw new SessionLost(unreachable.failure().message());
            }
        }
        return line;
    }

    /** Waits before the next attempt, or gives up: the broker was there and now is not. */
    private void pause(Request request, Instant until, SessionLost lost) {
        if (clock.instant().plus(RETRY).isAfter(until)) {
            throw request.unknown("the connection to RabbitMQ broke (" + lost.getMessage()
                    + ") and did not come back in" + " time; it may have been carried out");
        }
        try {
            Thread.sleep(RETRY);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw request.unknown("interrupted while waiting for the answer; it may be carried out");
        }
    }
}
