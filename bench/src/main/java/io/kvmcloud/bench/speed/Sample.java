package io.kvmcloud.bench.speed;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * One measurement of one thing.
 *
 * @param count how many were answered in the time
 * @param perSecond of those
 * @param p50 milliseconds
 * @param p99 milliseconds
 * @param cpu microseconds of processor for one, by program
 */
record Sample(long count, double perSecond, double p50, double p99, Map<String, Double> cpu) {

    /**
     * @param nanos of each answer, in any order
     * @param took the whole measurement
     * @param cpu what each program used meanwhile
     */
    static Sample of(long[] nanos, Duration took, Map<String, Duration> cpu) {
        if (nanos.length == 0) {
            throw new IllegalStateException("nothing was answered within " + took.toMillis() + " ms");
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        Map<String, Double> each = new TreeMap<>();
        cpu.forEach((program, used) -> each.put(program, used.toNanos() / 1e3 / sorted.length));
        return new Sample(
                sorted.length,
                sorted.length / (took.toNanos() / 1e9),
                percentile(sorted, 50) / 1e6,
                percentile(sorted, 99) / 1e6,
                each);
    }

    /** The smallest that so many of a hundred do not exceed. */
    static long percentile(long[] sorted, int percent) {
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return sorted[Math.max(rank, 1) - 1];
    }
}
