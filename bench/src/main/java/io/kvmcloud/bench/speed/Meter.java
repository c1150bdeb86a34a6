package io.kvmcloud.bench.speed;

import io.kvmcloud.bench.speed.Bench.Effort;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Takes the times of what begins and ends within one measurement. Thread-safe. */
final class Meter {

    private long[] nanos = new long[1 << 14];
    private int count;
    private boolean open;

    /** One has been answered. */
    synchronized void note(long took) {
        if (open) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = took;
        }
    }

    /**
     * Measures what others do meanwhile.
     *
     * @param cpu of the programs that take part, as it is now
     */
    Sample measure(Effort effort, Map<String, Supplier<Duration>> cpu) {
        sleep(effort.before());
        Stopwatch watch = new Stopwatch(cpu);
        open(true);
        sleep(effort.each());
        open(false);
        synchronized (this) {
            return watch.sample(Arrays.copyOf(nanos, count));
        }
    }

    /** What this program itself has used. */
    static Duration own() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private synchronized void open(boolean now) {
        open = now;
    }

    static void sleep(Duration time) {
        long until = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
