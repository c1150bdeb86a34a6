package io.kvmcloud.controller.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process that stays the same one when the kernel gives its id to another. Read from Linux's {@code /proc}; Java's own
 * handle rounds the start time and polls every two seconds for the end of a process that is not its child.
 *
 * @param pid the process id
 * @param startTicks clock ticks between the machine's start and the process's (field 22 of /proc/PID/stat, see proc(5))
 */
record GuestProcess(long pid, long startTicks) {

    private static final Path PROC = Path.of("/proc");
    private static final int TICKS_A_SECOND = 100; // what Linux shows to programs, whatever it counts in
    private static final Duration POLL = Duration.ofMillis(5);

    /** The process that has this id now; empty when none has, or only its corpse that nobody has collected. */
    static Optional<GuestProcess> of(long pid) {
        String stat;
        try {
            stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return Optional.empty();
        }
        // The second field is the program's name in parentheses, and may contain anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        // Its first thread may be dead while others of it still hold ports and locks.
        boolean dead = fields[0].equals("X") || fields[0].equals("Z") && fields[17].equals("1");
        return dead ? Optional.empty() : Optional.of(new GuestProcess(pid, Long.parseLong(fields[19])));
    }

    /** Every process that this user may look at. */
    static Stream<GuestProcess> all() {
        return ProcessHandle.allProcesses().flatMap(handle -> of(handle.pid()).stream());
    }

    /** Whether it still runs, or is stopped. */
    boolean alive() {
        return of(pid).equals(Optional.of(this));
    }

    /** When it was started, to about 20 ms. */
    Instant started() {
        try {
            String uptime = Files.readString(PROC.resolve("uptime")); // seconds with two decimals, see proc(5)
            long ticksNow = Math.round(Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * TICKS_A_SECOND);
            return Instant.now().minusMillis((ticksNow - startTicks) * 1000 / TICKS_A_SECOND);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    /** Its program and arguments; empty when it is gone. */
    List<String> commandLine() {
        try {
            byte[] bytes = Files.readAllBytes(PROC.resolve(pid + "/cmdline"));
            return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"));
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** Whether its command line has this option with this value. */
    boolean has(String option, String value) {
        return valueOf(option).filter(value::equals).isPresent();
    }

    /** What follows this option on its command line. */
    Optional<String> valueOf(String option) {
        List<String> words = commandLine();
        int at = words.indexOf(option);
        return at >= 0 && at + 1 < words.size() ? Optional.of(words.get(at + 1)) : Optional.empty();
    }

    /** Ends it at once; harmless when it is gone. */
    void sigkill() {
        ProcessHandle.of(pid).filter(_ -> alive()).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** Waits until it is gone; false when it still is there after the time, or when interrupted. */
    boolean awaitGone(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (alive()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException asked) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
