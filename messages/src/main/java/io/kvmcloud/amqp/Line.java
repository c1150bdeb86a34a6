package io.kvmcloud.amqp;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One session of a {@link Requester}: sends, and brings answers to who waits for them. Safe for several threads. */
final class Line implements AutoCloseable {

    private static final Duration PATIENCE_WHEN_BLOCKED = Duration.ofSeconds(2);
    /** A daemon tries again at least every 5 s; a connection takes its time, too. */
    private static final Duration MANAGERS_RECONNECT = Duration.ofSeconds(10);

    /** A cluster takes nothing while it elects a queue's leader, and says the same as when the queue is full. */
    private static final Duration ELECTION = Duration.ofSeconds(3);

    /** In a cluster managers may lose their node, or the queue for reads its own, while we keep ours. */
    private static final Duration MANAGERS_MOVE = Duration.ofSeconds(3);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    /** Most answers are there by then, and whether a manager lives need not be asked: that costs as much as a command. */
    private static final Duration QUIET = Duration.ofMillis(100);

    /** Times what a broker usually gets to let somebody in: twelve seconds. */
    private static final int LONGER = 4;

    private static final String START_ONE =
            "`kvm-cloud up` starts one on this machine, `systemctl start kvm-cloud-manager` that of the package";

    private final Session session;
    private final ChannelLoop channel;
    private final Clock clock;
    private final boolean cluster;
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

    /** By {@link System#nanoTime}; this and what follows belong to the channel's thread. */
    private long lastAnswer = System.nanoTime() - QUIET.toNanos();

    /** Writes for which no ping was sent. */
    private final Set<Waiting> unanswered = new HashSet<>();

    private boolean listening;

    /** Whether a timer runs for who has to be asked again. */
    private boolean watching;

    /** Counts what is sent. */
    private long sending;

    private Line(Session session, ChannelLoop channel, Clock clock, boolean cluster) {
        this.cluster = cluster;
        this.session = session;
        this.channel = channel;
        this.clock = clock;
    }

    /** A broker that takes the connection and then says nothing is busy, and not away: once more, and longer. */
    private static Session session(BrokerAddress address, String name) {
        try {
            return Session.open(address, name);
        } catch (CommandFailed unreachable) {
            if (unreachable.getCause() instanceof TimeoutException) {
                return Session.open(address, name, LONGER);
            }
            throw unreachable;
        }
    }

    /**
     * Connects.
     *
     * @throws CommandFailed {@link Reason#UNREACHABLE} when the broker does not answer or does not let us in
     * @throws SessionLost when it went away just then
     */
    static Line open(BrokerAddress address, String name, Clock clock) {
        Session session = session(address, name);
        try {
            ChannelLoop channel = session.channel("answers to " + name);
            Line line = new Line(session, channel, clock, address.cluster());
            channel.consumeReplies(line::answered);
            session.whenEnded(line::lost);
            return line;
        } catch (IOException broken) {
            session.close();
            throw new SessionLost(Session.explain(broken));
        }
    }

    /** What the broker calls itself. */
    String broker() {
        return session.broker();
    }

    boolean broken() {
        return session.ended().isDone();
    }

    @Override
    public void close() {
        session.close();
    }

    /**
     * Sends and waits for the answer.
     *
     * @param afterLoss whether the broker has just been away
     * @throws SessionLost when the session ended first
     * @throws CommandFailed when it is known that no answer will come, or none came by the deadline
     */
    Envelope ask(Request request, boolean afterLoss) {
        // When we have just lost the broker, so have the managers, and they may come back a little later than we do.
        Instant now = clock.instant();
        Duration patience = afterLoss ? MANAGERS_RECONNECT : cluster ? MANAGERS_MOVE : Duration.ZERO;
        Waiting one = new Waiting(request, now.plus(patience), cluster ? now.plus(ELECTION) : now);
        if (waiting.putIfAbsent(request.id(), one) != null) {
            throw new IllegalArgumentException("request " + request.id() + " is being asked already");
        }
        try {
            if (broken()) {
                throw new SessionLost(session.ended().join());
            }
            channel.execute(() -> {
                send(one);
                watch();
            });
            return await(request, one);
        } finally {
            waiting.remove(request.id());
        }
    }

    private void answered(Delivery delivery) {
        String correlation = delivery.envelope().correlationId();
        Waiting one = correlation == null ? null : waiting.get(correlation);
        lastAnswer = System.nanoTime();
        if (one != null) { // or nobody waits any more; a ping's answer is never waited for
            one.answer.complete(delivery.envelope());
        }
    }

    private void lost(String why) {
        Loss.tell(why, session.user(), List.copyOf(waiting.values()));
    }

    private void send(Waiting one) {
        Request request = one.request;
        one.sent = sending++;
        channel.publish(
                Topology.COMMANDS,
                request.key(),
                request.envelope(clock.instant()),
                outcome -> published(outcome, one));
        if (!request.key().startsWith("read.")) { // it may wait in a queue while no manager lives
            unanswered.add(one);
            listen();
        }
    }

    /** One timer for all: most requests are answered before theirs would be due. */
    private void listen() {
        if (!listening && !unanswered.isEmpty()) {
            listening = true;
            channel.after(QUIET, this::pingWhenQuiet);
        }
    }

    /** One timer for all here, too. It is never set for later than a request that comes meanwhile would be due. */
    private void watch() {
        if (!watching) {
            waiting.values().stream()
                    .filter(Line::mayBeAskedAgain)
                    .mapToLong(one -> one.askAt - System.nanoTime())
                    .min()
                    .ifPresent(nanos -> {
                        watching = true;
                        channel.after(
                                Duration.ofNanos(Math.clamp(nanos, 0, Request.PATIENCE_WITH_WRITE.toNanos())),
                                this::askAgain);
                    });
        }
    }

    /** What changes something has one effect, however often it is asked; not what is done to dead letters. */
    private static boolean mayBeAskedAgain(Waiting one) {
        return !(one.request.command() instanceof Command.Administration<?>) && !one.answer.isDone();
    }

    /** Those who are due. */
    private void askAgain() {
        watching = false;
        long now = System.nanoTime();
        for (Waiting one : waiting.values()) {
            if (mayBeAskedAgain(one) && now - one.askAt >= 0) {
                one.repeat();
                send(one);
                one.pauseLonger(now);
            }
        }
        watch();
    }

    /** While others are answered, somebody routes commands. */
    private void pingWhenQuiet() {
        listening = false;
        unanswered.removeIf(one -> one.answer.isDone());
        if (System.nanoTime() - lastAnswer >= QUIET.toNanos()) {
            unanswered.forEach(this::ping);
            unanswered.clear();
        }
        listen();
    }

    private void ping(Waiting one) {
        Request ping = one.request.ping();
        channel.publish(Topology.COMMANDS, ping.key(), ping.envelope(clock.instant()), outcome -> {
            one.noManager = outcome == ChannelLoop.Outcome.UNROUTABLE;
            whenStoredForNobody(one);
        });
    }

    private void published(ChannelLoop.Outcome outcome, Waiting one) {
        switch (outcome) {
            case CONFIRMED -> {
                one.stored = true;
                whenStoredForNobody(one);
            }
            case UNROUTABLE -> {
                if (one.request.write()) {
                    one.fail(
                            Reason.UNREACHABLE,
                            "the broker has no queue " + Topology.MANAGER_COMMANDS + ": " + one.notTaken(),
                            Loss.SET_IT_UP);
                } else if (!again(one, this::send, one.managersAreBack)) {
                    one.fail(Reason.UNREACHABLE, "no manager is running", START_ONE);
                }
            }
            case REFUSED -> {
                if (again(one, this::send, one.leadersAreElected)) {
                    one.repeat();
                } else {
                    one.fail(
                            Reason.UNREACHABLE,
                            "the manager's queue is full: the command was not accepted and " + one.notTaken(),
                            "try again in a while; `kvm-cloud controllers` shows who is missing");
                }
            }
        }
    }

    private void whenStoredForNobody(Waiting one) {
        if (one.noManager && one.stored && !again(one, this::ping, one.managersAreBack)) {
            one.fail(
                    Reason.UNREACHABLE,
                    "no manager is running; request " + one.request.id()
                            + " is stored and is carried out when one starts before " + one.request.deadline(),
                    START_ONE);
        }
    }

    /** Tries once more in a moment, if what is missing may still be on its way back; false when it had its time. */
    private boolean again(Waiting one, Consumer<Waiting> attempt, Instant latest) {
        if (!clock.instant().isBefore(latest)) {
            return false;
        }
        later(LOOK_AGAIN, one, attempt);
        return true;
    }

    private void later(Duration delay, Waiting one, Consumer<Waiting> attempt) {
        channel.after(delay, () -> {
            if (!one.answer.isDone()) {
                attempt.accept(one);
            }
        });
    }

    private Envelope await(Request request, Waiting one) {
        try {
            while (true) {
                long left =
                        Duration.between(clock.instant(), request.deadline()).toMillis();
                if (left <= 0) {
                    throw request.late();
                }
                try {
                    return one.answer.get(Math.min(left, PATIENCE_WHEN_BLOCKED.toMillis()), TimeUnit.MILLISECONDS);
                } catch (TimeoutException _) {
                    failWhenBlocked(request);
                }
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException expected) {
                throw expected;
            }
            throw new IllegalStateException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw request.unknown("interrupted while waiting for the answer; it may be carried out");
        }
    }

    private void failWhenBlocked(Request request) {
        String blocked = session.blocked();
        if (blocked != null) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "RabbitMQ takes no messages at the moment: " + blocked + "; request " + request.id()
                            + " is carried out if it gets through before " + request.deadline(),
                    "free memory or disk space on the broker's machine");
        }
    }
}
