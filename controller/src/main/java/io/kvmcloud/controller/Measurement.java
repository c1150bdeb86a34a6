package io.kvmcloud.controller;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.GuestUse;
import io.kvmcloud.messages.ImportProgress;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reply.HostMeasured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What this host and its guests use, read from {@code /proc} when somebody asks: two small files a guest.
 *
 * @param processes that run the guests
 * @param proc where the kernel tells of processes
 * @param imports how far templates are that are coming
 */
record Measurement(
        ControllerName name,
        Clock clock,
        Supplier<Map<InstanceId, Long>> processes,
        Path proc,
        Supplier<List<ImportProgress>> imports) {

    /** USER_HZ, in which {@code /proc/PID/stat} counts: 100 a second on every architecture we run on (proc_pid_stat(5)). */
    private static final int TICK_MILLIS = 10;

    /** In a process's stat, counted behind its name: fields 14 and 15 of proc_pid_stat(5). */
    private static final int USER_TIME = 11;

    private static final int SYSTEM_TIME = 12;

    /** All of it, now. */
    HostMeasured answer() {
        List<GuestUse> guests = processes.get().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(one -> use(one.getKey(), one.getValue()).stream())
                .toList();
        return new HostMeasured(
                name,
                clock.instant(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.getRuntime().availableProcessors(),
                guests,
                imports.get());
    }

    /** Empty when it has just ended. */
    private Optional<GuestUse> use(InstanceId id, long pid) {
        try {
            Path process = proc.resolve(Long.toString(pid));
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" "); // the name may have blanks
            long ticks = Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
            try (Stream<String> status = Files.lines(process.resolve("status"), StandardCharsets.ISO_8859_1)) {
                long kibibytes = status.filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0);
                return Optional.of(new GuestUse(id, ticks * TICK_MILLIS, kibibytes >> 10));
            }
        } catch (IOException | UncheckedIOException gone) {
            return Optional.empty();
        }
    }
}
