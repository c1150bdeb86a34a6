package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.CommandFailed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExternalProgramTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void itsStatusAndAllItWroteAreKept() {
        assertThat(ExternalProgram.run(List.of("sh", "-c", "echo out; echo err >&2; exit 3"), LIMIT))
                .isEqualTo(new ExternalProgram.Ended(3, "out\nerr"));
    }

    @Test
    void aProgramThatIsNotInstalledIsNamedWithWhatToInstall() {
        assertThatThrownBy(() -> ExternalProgram.run(List.of("qemu-of-tomorrow", "--version"), LIMIT))
                .isInstanceOfSatisfying(CommandFailed.class, failed -> {
                    assertThat(failed.failure().message()).startsWith("qemu-of-tomorrow cannot be run on this host");
                    assertThat(failed.failure().hint()).contains("sudo apt-get install qemu-system-x86 qemu-utils");
                });
    }

    @Test
    void aProgramThatDoesNotEndIsEnded() {
        long before = System.nanoTime();
        assertThatThrownBy(() -> ExternalProgram.run(List.of("sleep", "60"), Duration.ofMillis(50)))
                .isInstanceOf(CommandFailed.class)
                .hasMessage("sleep did not end within 50 ms");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void wordsAreArgumentsAndNeverAShellsText() {
        assertThat(ExternalProgram.run(List.of("printf", "%s", "$(id) ; `id` 'x'"), LIMIT)
                        .output())
                .isEqualTo("$(id) ; `id` 'x'");
    }
}
