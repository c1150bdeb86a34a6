package io.kvmcloud.bench.speed;

import io.kvmcloud.bench.speed.Bench.Effort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A closed loop: so many ask at the same time, and each again as soon as it has its answer. */
final class Askers {

    private Askers() {}

    /**
     * Measures it.
     *
     * @param outstanding how many
     * @param ask asks once and waits; is given the number of who asks, from 0
     */
    static Sample measure(int outstanding, IntConsumer ask, Effort effort, Map<String, Supplier<Duration>> cpu) {
        Meter meter = new Meter();
        AtomicBoolean over = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> all = IntStream.range(0, outstanding)
                    .mapToObj(number -> CompletableFuture.runAsync(
                            () -> {
                                while (!over.get()) {
                                    long began = System.nanoTime();
                                    ask.accept(number);
                                    meter.note(System.nanoTime() - began);
                                }
                            },
                            threads))
                    .toList();
            try {
                return meter.measure(effort, cpu);
            } finally {
                over.set(true);
                all.forEach(CompletableFuture::join); // who failed says why
            }
        }
    }
}
