package io.kvmcloud.bench.speed;

import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.process.Vitals;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Many {@code new}, each journalled before it is acknowledged and again before it is answered; and what they sync. */
final class Creations {

    /**
     * What they took.
     *
     * @param journal how often the controller synced its journal
     * @param others how often anything else: each instance's record and its directories
     */
    record Burst(Sample sample, long journal, long others) {}

    private static final String RECORDING = "fsyncs";

    /** A journal that was rewritten is still known by the name under which it was opened. */
    private static final Pattern JOURNAL = Pattern.compile(".*/journal(\\.new)?");

    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Lab lab;
    private final Requester requester;

    Creations(Lab lab, Requester requester) {
        this.lab = lab;
        this.requester = requester;
    }

    /**
     * Creates instances and deletes them again, which is not measured.
     *
     * @param outstanding so many at a time
     * @param count of all
     */
    Burst measure(int outstanding, int count, Map<String, Supplier<Duration>> cpu) throws IOException {
        Path recorded = lab.scratch().resolve(RECORDING + ".jfr");
        Vitals.jcmd(
                lab.controller(),
                "JFR.start",
                "name=" + RECORDING,
                "settings=none",
                "+jdk.FileForce#enabled=true",
                "+jdk.FileForce#threshold=0ns");
        InstanceId[] made = new InstanceId[count];
        long[] nanos = new long[count];
        Stopwatch watch = new Stopwatch(cpu);
        each(outstanding, count, number -> {
            long began = System.nanoTime();
            NewInstance one = new NewInstance(Lab.TEMPLATE, MemorySize.ofMebibytes(64), 1, List.of());
            made[number] = requester.ask(one, DEADLINE).instance().id();
            nanos[number] = System.nanoTime() - began;
        });
        Sample sample = watch.sample(nanos);
        Vitals.jcmd(lab.controller(), "JFR.stop", "name=" + RECORDING, "filename=" + recorded);
        each(outstanding, count, number -> requester.ask(new DeleteInstance(made[number], false), DEADLINE));
        List<String> synced = RecordingFile.readAllEvents(recorded).stream()
                .map(Creations::path)
                .toList();
        Files.delete(recorded);
        long journal =
                synced.stream().filter(path -> JOURNAL.matcher(path).matches()).count();
        return new Burst(sample, journal, synced.size() - journal);
    }

    /** So many threads share this work until all of it is done. */
    private static void each(int threads, int count, IntConsumer work) {
        AtomicInteger next = new AtomicInteger();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> all = IntStream.range(0, threads)
                    .mapToObj(_ -> CompletableFuture.runAsync(
                            () -> {
                                for (int number = next.getAndIncrement();
                                        number < count;
                                        number = next.getAndIncrement()) {
                                    work.accept(number);
                                }
                            },
                            executor))
                    .toList();
            all.forEach(CompletableFuture::join); // who failed says why
        }
    }

    private static String path(RecordedEvent event) {
        return event.hasField("path") ? String.valueOf(event.getString("path")) : "";
    }
}
