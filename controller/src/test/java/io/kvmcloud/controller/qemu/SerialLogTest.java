package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system that can have holes in its files, as those of Linux can. */
class SerialLogTest {

    private static final String LAST = "the last line\n";
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    private Path directory;

    private Path file;
    private SerialLog log;

    @BeforeEach
    void begin() {
        file = directory.resolve("serial.log");
        log = new SerialLog(file);
    }

    @Test
    void theRoomOfALargeLogsBeginningIsGivenBackAndItsLengthStays() throws IOException {
        write(30);
        log.trim();

        assertThat(Files.size(file)).isEqualTo(30 * MEBIBYTE + LAST.length());
        assertThat(room()).isLessThan(9);
        assertThat(end()).isEqualTo(LAST);

        write(10);
        log.trim();
        assertThat(room()).isLessThan(9);
        assertThat(end()).isEqualTo(LAST);
    }

    @Test
    void aLogOfUsualLengthIsLeftAsItIs() throws IOException {
        log.trim(); // none yet
        write(15);
        log.trim();
        assertThat(room()).isEqualTo(15);
    }

    @Test
    void oneThatWasEmptiedIsTrimmedAgain() throws IOException {
        write(100);
        log.trim();
        Files.write(file, new byte[0]);
        write(30);
        log.trim();
        assertThat(room()).isLessThan(9);
    }

    private void write(int mebibytes) throws IOException {
        byte[] some = "a".repeat(MEBIBYTE).getBytes(StandardCharsets.US_ASCII);
        for (int each = 0; each < mebibytes; each++) {
            Files.write(file, some, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        Files.writeString(file, LAST, StandardOpenOption.APPEND);
    }

    /** In MiB. */
    private long room() {
        String blocks = ExternalProgram.run(List.of("stat", "-c", "%b", file.toString()), Duration.ofSeconds(5))
                .output();
        return Long.parseLong(blocks) * 512 / MEBIBYTE;
    }

    private String end() throws IOException {
        String all = Files.readString(file, StandardCharsets.ISO_8859_1);
        return all.substring(all.length() - LAST.length());
    }
}
