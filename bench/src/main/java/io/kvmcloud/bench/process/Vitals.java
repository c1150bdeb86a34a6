package io.kvmcloud.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the processes of a {@link Part} hold at the moment, as Linux and the JVM tell it; 0 of one that has ended. */
public final class Vitals {

    /** Of {@code jcmd GC.heap_info}: each generation's, in KiB. */
    private static final Pattern USED = Pattern.compile("(?m)^ *(?:DefNew|Tenured) .*, used (\\d+)K");

    private Vitals() {}

    /** Resident memory, in KiB. */
    public static long resident(Part part) {
        return status(part, "VmRSS:");
    }

    /** Threads. */
    public static long threads(Part part) {
        return status(part, "Threads:");
    }

    /** Open files, sockets among them. */
    public static long descriptors(Part part) {
        return part.pids().stream()
                .mapToLong(pid -> {
                    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
                        return open.count();
                    } catch (IOException ended) {
                        return 0;
                    }
                })
                .sum();
    }

    /** Heap in use after a collection, in KiB; of a JVM with the serial collector. */
    public static long heap(Part part) {
        jcmd(part, "GC.run");
        return USED.matcher(jcmd(part, "GC.heap_info"))
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    private static long status(Part part, String field) {
        return part.pids().stream().mapToLong(pid -> status(pid, field)).sum();
    }

    private static long status(long pid, String field) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException ended) {
            return 0;
        }
    }

    /** What the JDK's jcmd has to say to this. */
    public static String jcmd(Part part, String... command) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                part.pids().getFirst().toString()));
        words.addAll(List.of(command));
        try {
            Process asked = new ProcessBuilder(words).redirectErrorStream(true).start();
            return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }
}
