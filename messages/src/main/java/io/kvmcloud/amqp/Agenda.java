package io.kvmcloud.amqp;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a thread has to do: what is due by its time first, since a queue that is never empty would otherwise keep it waiting
 * for ever, then the rest in the order it came. Any thread may add, one may take.
 *
 * @param <T> a task
 */
final class Agenda<T> {

    /** {@code at} in nanoseconds of {@link System#nanoTime}, which may overflow, so only differences are compared. */
    private record Entry<T>(long at, long order, boolean timed, T task) implements Comparable<Entry<T>> {
        @Override
        public int compareTo(Entry<T> other) {
            return at == other.at ? Long.compare(order, other.order) : Long.signum(at - other.at);
        }
    }

    private final LinkedBlockingQueue<Entry<T>> arrived = new LinkedBlockingQueue<>();
    private final PriorityQueue<Entry<T>> timers = new PriorityQueue<>();
    private final AtomicLong order = new AtomicLong();

    /** To be done after what is here already. */
    void add(T task) {
        arrived.add(new Entry<>(0, 0, false, task));
    }

    /** To be done when this much time has passed. */
    void add(T task, Duration delay) {
        arrived.add(new Entry<>(System.nanoTime() + delay.toNanos(), order.incrementAndGet(), true, task));
    }

    /** The next thing to do; waits for it. */
    T take() throws InterruptedException {
        while (true) {
            T due = poll();
            if (due != null) {
                return due;
            }
            Entry<T> timer = timers.peek();
            long wait = timer == null ? Long.MAX_VALUE : timer.at() - System.nanoTime();
            Entry<T> next = arrived.poll(wait, TimeUnit.NANOSECONDS);
            if (next != null && !next.timed()) {
                return next.task();
            }
            if (next != null) {
                timers.add(next);
            }
        }
    }

    /** The next thing to do now, or null. */
    @Nullable
    T poll() {
        while (true) {
            Entry<T> timer = timers.peek();
            if (timer != null && timer.at() - System.nanoTime() <= 0) {
                return timers.remove().task();
            }
            Entry<T> next = arrived.poll();
            if (next == null || !next.timed()) {
                return next == null ? null : next.task();
            }
            timers.add(next);
        }
    }
}
