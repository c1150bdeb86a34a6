package io.kvmcloud.bench.speed;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Runs from when it is made: time, and what programs use of the processors. */
final class Stopwatch {

    private final Map<String, Supplier<Duration>> cpu;
    private final Map<String, Duration> used = new HashMap<>();
    private final long began;

    /** @param cpu what each program has used until now */
    Stopwatch(Map<String, Supplier<Duration>> cpu) {
        this.cpu = cpu;
        cpu.forEach((program, now) -> used.put(program, now.get()));
        this.began = System.nanoTime();
    }

    /** What it shows when these answers have come, each after so many nanoseconds. */
    Sample sample(long[] nanos) {
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Map<String, Duration> since = new HashMap<>();
        used.forEach((program, before) -> {
            Supplier<Duration> now = cpu.get(program);
            if (now != null) {
                since.put(program, now.get().minus(before));
            }
        });
        return Sample.of(nanos, took, since);
    }
}
