package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.controller.disk.BootId;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeCacheTest {

    @TempDir
    private Path directory;

    private int probes;

    @Test
    void theProbeRunsOnceForAQemu() {
        assertThat(ask("QEMU 7.2")).isEqualTo("outcome 1");
        assertThat(ask("QEMU 7.2")).isEqualTo("outcome 1");
        assertThat(ask("QEMU 10.0")).isEqualTo("outcome 2");
    }

    @Test
    void anotherStartOfTheMachineOrADamagedFileAskAgain() throws Exception {
        ask("QEMU 7.2");
        Path file = directory.resolve("new/kvm-probe.json");
        Files.writeString(file, Files.readString(file).replace(BootId.current(), "an-earlier-start"));
        assertThat(ask("QEMU 7.2")).isEqualTo("outcome 2");
        Files.writeString(file, "{");
        assertThat(ask("QEMU 7.2")).isEqualTo("outcome 3");
        assertThat(ask("QEMU 7.2")).isEqualTo("outcome 3");
    }

    private String ask(String version) {
        return new ProbeCache(directory.resolve("new"), version).get(() -> "outcome " + ++probes);
    }
}
