package io.kvmcloud.controller;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does the same things every few seconds, whatever becomes of one of them. */
final class Rounds implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
    private static final Duration LAST_ROUND = Duration.ofSeconds(10);

    private final Duration pause;
    private final List<Runnable> stations;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;

    /** Makes the first round after one pause. */
    Rounds(Duration pause, Runnable... stations) {
        this.pause = pause;
        this.stations = List.of(stations);
        this.thread = Thread.ofPlatform().daemon().name("rounds").start(this::walk);
    }

    /** Returns when no round is under way. */
    @Override
    public void close() {
        over.countDown();
        try {
            thread.join(LAST_ROUND);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void walk() {
        try {
            while (!over.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                stations.forEach(Rounds::visit);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void visit(Runnable station) {
        try {
            station.run();
        } catch (RuntimeException | Error failed) {
            LOG.error("a round failed, the next one comes all the same", failed);
        }
    }
}
