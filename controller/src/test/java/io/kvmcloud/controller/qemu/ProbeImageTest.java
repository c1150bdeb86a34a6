package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeImageTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Test
    void theBytesAreThoseOfTheSource() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/as")), "binutils are needed only when the source changes");
        Path source = directory.resolve("probe.S");
        Files.write(source, resource("probe.S"));
        run("as", "-o", directory.resolve("probe.o").toString(), source.toString());
        run(
                "ld",
                "-Ttext=0",
                "--oformat",
                "binary",
                "-o",
                directory.resolve("probe.bin").toString(),
                directory.resolve("probe.o").toString());
        assertThat(Files.readAllBytes(directory.resolve("probe.bin"))).isEqualTo(resource("probe.bin"));
    }

    private static void run(String... line) {
        ExternalProgram.Ended ended = ExternalProgram.run(List.of(line), LIMIT);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
    }

    private static byte[] resource(String name) throws Exception {
        try (InputStream bytes = Objects.requireNonNull(ProbeImageTest.class.getResourceAsStream(name))) {
            return bytes.readAllBytes();
        }
    }
}
