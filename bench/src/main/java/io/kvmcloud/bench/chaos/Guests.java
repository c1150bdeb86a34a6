package io.kvmcloud.bench.chaos;

import io.kvmcloud.bench.process.Signals;
import io.kvmcloud.messages.InstanceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The fake QEMUs: which run, which died without being asked, and the moods they are in. */
final class Guests {

    private static final String RESTLESS = """
            refuse 0.02
            die 0.02
            slow 0.05
            late 0.05
            mute 0.01
            deaf 0.05
            """;

    private final Path scratch;
    private final Map<InstanceId, Instant> killed = new ConcurrentHashMap<>();

    Guests(Path scratch, long seed) throws IOException {
        this.scratch = scratch;
        Files.writeString(moods(scratch), "seed " + seed + "\n" + RESTLESS);
    }

    /** The file that the fake QEMUs read. */
    static Path moods(Path scratch) {
        return scratch.resolve("moods");
    }

    /** From now on none dies by itself, refuses or is slow. */
    void calm() throws IOException {
        Files.writeString(moods(scratch), "");
    }

    /** Process ids of the QEMUs of each instance; more than one is one too many. */
    Map<InstanceId, List<Long>> running() {
        Map<InstanceId, List<Long>> running = new TreeMap<>();
        ProcessHandle.allProcesses()
                .forEach(process -> instance(process.pid())
                        .ifPresent(id -> running.computeIfAbsent(id, _ -> new ArrayList<>())
                                .add(process.pid())));
        return running;
    }

    /** SIGKILL, and a note that it was not the cloud that ended it. */
    void kill(InstanceId id, long pid) {
        killed.put(id, Instant.now());
        Signals.send("KILL", List.of(pid));
    }

    /** When this one last died without the cloud's doing: by {@link #kill}, or in a mood. */
    Optional<Instant> died(InstanceId id) {
        Instant latest = killed.get(id);
        for (String line : deaths()) {
            String[] words = line.split(" ", 2);
            Instant when = Instant.ofEpochMilli(Long.parseLong(words[0]));
            if (Path.of(words[1]).equals(directory(id)) && (latest == null || when.isAfter(latest))) {
                latest = when;
            }
        }
        return Optional.ofNullable(latest);
    }

    private List<String> deaths() {
        Path file = scratch.resolve("deaths");
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private Path directory(InstanceId id) {
        return scratch.resolve(id.controller().value()).resolve("instances/" + id.number());
    }

    private Optional<InstanceId> instance(long pid) {
        List<String> words = commandLine(pid);
        int at = words.indexOf("-pidfile");
        if (at < 0 || at + 1 == words.size() || words.stream().noneMatch(word -> word.endsWith("qemu-system-x86_64"))) {
            return Optional.empty();
        }
        Path within = scratch.relativize(Path.of(words.get(at + 1)));
        return within.startsWith("..")
                ? Optional.empty()
                : Optional.of(InstanceId.parse(within.getName(0) + "/" + within.getName(2)));
    }

    private static List<String> commandLine(long pid) {
        try {
            byte[] line = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
            return Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0"));
        } catch (IOException _) {
            return List.of(); // it has ended
        }
    }
}
