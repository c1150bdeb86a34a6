package io.kvmcloud.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.GuestUse;
import io.kvmcloud.messages.InstanceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementTest {

    private static final InstanceId BUSY = InstanceId.parse("s1/1000");
    private static final InstanceId GONE = InstanceId.parse("s1/1001");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @TempDir
    private Path proc;

    @Test
    void processorTimeIsThatOfUserAndKernelWhateverTheProcessIsCalled() throws IOException {
        Path process = Files.createDirectory(proc.resolve("4711"));
        Files.writeString(
                process.resolve("stat"), "4711 (qemu) R 1 x) S 1 2 3 4 5 6 7 8 9 10 300 25 0 0 20 0 4 0 99 1 2 3");
        Files.writeString(process.resolve("status"), "Name:\tqemu\nVmHWM:\t  999999 kB\nVmRSS:\t  252416 kB\n");

        var told = measurement(Map.of(BUSY, 4711L)).answer();

        assertThat(told.guests()).containsExactly(new GuestUse(BUSY, 3250, 246));
        assertThat(told.at()).isEqualTo(CLOCK.instant());
        assertThat(told.processors()).isPositive();
    }

    @Test
    void whatHasJustEndedIsLeftOut() {
        assertThat(measurement(Map.of(GONE, 4712L)).answer().guests()).isEmpty();
    }

    @Test
    void aProcessOfThisMachineIsRead() {
        var ours = new Measurement(
                new ControllerName("s1"),
                CLOCK,
                () -> Map.of(BUSY, ProcessHandle.current().pid()),
                Path.of("/proc"),
                List::of);

        assertThat(ours.answer().guests()).singleElement().satisfies(use -> {
            assertThat(use.cpuMillis()).isPositive();
            assertThat(use.residentMebibytes()).isPositive();
        });
    }

    private Measurement measurement(Map<InstanceId, Long> processes) {
        return new Measurement(new ControllerName("s1"), CLOCK, () -> processes, proc, List::of);
    }
}
