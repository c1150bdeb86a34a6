package io.kvmcloud.amqp;

import com.rabbitmq.client.AlreadyClosedException;
import io.kvmcloud.messages.CommandFailed;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a daemon on the broker: connect, join, wait until the session ends, forget everything, start again. The broker may
 * come up later, restart or vanish for hours; the pause between attempts grows from 0.2 s to 5 s, with jitter. So does the time
 * that each gives the broker: a slow one to which many come at once lets nobody in when all hang up and begin again.
 */
public final class SessionLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SessionLoop.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int MOST_PATIENCE = 8;

    /** What a daemon does with a session. */
    public interface Participant {
        /**
         * Declares and consumes what this daemon needs. All state that hangs on the session is made anew here.
         *
         * @throws IOException when the session breaks, or the broker refuses something
         */
        void join(Session session) throws IOException;

        /** Called after each session, also after one whose {@link #join} failed. */
        default void left() {}
    }

    private final BrokerAddress address;
    private final String name;
    private final Participant participant;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable Session current;

    /** When the latest attempt was through, in {@link System#nanoTime}; only the thread knows. */
    private @Nullable Long joined;

    private SessionLoop(BrokerAddress address, String name, Participant participant) {
        this.address = address;
        this.name = name;
        this.participant = participant;
        this.thread = Thread.ofPlatform().daemon().name("session of " + name).unstarted(this::run);
    }

    /**
     * Starts; returns at once, whether a broker is there or not.
     *
     * @param name what the management console shows for the connection
     */
    public static SessionLoop start(BrokerAddress address, String name, Participant participant) {
        SessionLoop loop = new SessionLoop(address, name, participant);
        loop.thread.start();
        return loop;
    }

    /** Ends the session and stops trying; idempotent, waits up to 5 s for the orderly end. */
    @Override
    public void close() {
        closed = true;
        Session session = current;
        if (session != null) {
            session.close();
        }
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        int patience = 1;
        String lastProblem = "";
        while (!closed) {
            joined = null;
            String problem = live(patience);
            if (closed) {
                return;
            }
            Long since = joined;
            boolean lived = since != null && System.nanoTime() - since > LONGEST_PAUSE.toNanos();
            if (lived || !problem.equals(lastProblem)) {
                LOG.warn("{}: {}; trying again until it works", name, problem);
                lastProblem = problem;
            }
            pause = lived ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
            patience = lived ? 1 : Math.min(2 * patience, MOST_PATIENCE);
            sleep(pause);
        }
    }

    /** One session from its beginning to its end, and why it ended. */
    private String live(int patience) {
        try (Session session = Session.open(address, name, patience)) {
            current = session;
            participant.join(session);
            joined = System.nanoTime();
            LOG.info("{}: connected to {}", name, address);
            return session.awaitEnd();
        } catch (CommandFailed unreachable) {
            return unreachable.failure().message();
        } catch (IOException | AlreadyClosedException refused) {
            return Session.explain(refused);
        } catch (InterruptedException _) {
            return "closing";
        } catch (RuntimeException | Error defect) {
            // The daemon stays: the next session may do better, and without one it would be deaf for ever.
            LOG.error("{}: cannot take part", name, defect);
            return defect.toString();
        } finally {
            current = null;
            leave();
        }
    }

    private void leave() {
        try {
            participant.left();
        } catch (RuntimeException defect) {
            LOG.error("{}: leaving failed", name, defect);
        }
    }

    private void sleep(Duration pause) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(pause.toMillis() / 2, pause.toMillis() + 1));
        } catch (InterruptedException _) {
            // Closing: the loop's condition sees it.
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
