package io.kvmcloud.lifecycle;

import java.util.concurrent.CountDownLatch;

/**
 * SIGTERM and SIGINT as something to wait for. A main opens it first in its try-with-resources, so it is closed last and the
 * JVM waits for the clean close of all the rest (Agrona's ShutdownSignalBarrier had the idea).
 */
public final class ShutdownSignal implements AutoCloseable {

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    /** From now on a signal is noticed. */
    public ShutdownSignal() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::signalled, "shutdown signal"));
    }

    /** Asks the process to end from within; {@link #await} returns as after a signal. */
    public void raise() {
        asked.countDown();
    }

    /** Returns when the process is asked to end. */
    public void await() throws InterruptedException {
        asked.await();
    }

    /** Everything else is closed: the JVM may go. */
    @Override
    public void close() {
        closed.countDown();
    }

    private void signalled() {
        asked.countDown();
        try {
            closed.await();
        } catch (InterruptedException _) {
            // The JVM goes on ending.
        }
    }
}
