package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.CommandFailed;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestFilesTest {

    @TempDir
    private Path directory;

    @Test
    void aWorkingDirectoryThatIsTooLongIsRefusedWithTheNumberOfBytes() {
        // 107 bytes less /instances/999999/serial.sock
        assertThatCode(() -> GuestFiles.requireShortPath(Path.of("/" + "w".repeat(77))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> GuestFiles.requireShortPath(Path.of("/" + "w".repeat(80))))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("3 bytes too long")
                .hasMessageContaining("has 81 bytes, and at most 78 leave room");
    }

    @Test
    void bytesCountAndNotLetters() {
        assertThatThrownBy(() -> GuestFiles.requireShortPath(Path.of("/" + "ä".repeat(40))))
                .hasMessageContaining("3 bytes too long");
    }

    @Test
    void oneDirectoryHasOneSpelling() throws Exception {
        Path real = Files.createDirectory(directory.resolve("real")).toRealPath();
        Path link = Files.createSymbolicLink(directory.resolve("link"), real);
        assertThat(new GuestFiles(link.resolve("./instances/7")))
                .isEqualTo(new GuestFiles(real.resolve("instances/7")));
        assertThat(new GuestFiles(link).directory()).isEqualTo(real);
    }

    @Test
    void onlyAGuestLeavesFilesOfARun() throws Exception {
        GuestFiles files = new GuestFiles(directory);
        Files.writeString(files.disk(), "");
        assertThat(GuestFiles.noRunIn(directory)).isTrue();
        Files.writeString(files.pid(), "1");
        assertThat(GuestFiles.noRunIn(directory)).isFalse();
    }
}
