package io.kvmcloud.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one sees of a console log, from its end or from where one has read it to. */
class LogPartTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a,b,c,     | 2  | b,c,
            a,b,c      | 2  | b,c
            a,b,c      | 1  | c
            a,b,c,     | 3  | a,b,c,
            a,b,c,     | 9  | a,b,c,
            ,,         | 1  | ,
            c          | 1  | c
            """)
    void theEndHasSoManyLines(String written, int lines, String end) throws IOException {
        Path log = written(written.replace(',', '\n'));

        LogPart part = LogPart.end(log, lines);

        assertThat(part.text()).isEqualTo(end.replace(',', '\n'));
        assertThat(part.next()).isEqualTo(Files.size(log));
        assertThat(part.from()).isEqualTo(Files.size(log) - end.length());
    }

    @Test
    void anEndlessLogIsReadFromItsLast128KibibytesOn() throws IOException {
        LogPart part = LogPart.end(written("x".repeat(1_000_000)), 100);

        assertThat(part.text()).hasSize(128 * 1024);
        assertThat(part.from()).isEqualTo(1_000_000 - 128 * 1024);
    }

    @Test
    void whatFollowsIsReadFromTheByteWhereTheLastPartEnded() throws IOException {
        LogPart first = LogPart.end(written("one\ntw"), 1);
        Path log = written("one\ntwo\n");

        LogPart second = LogPart.since(log, first.next());
        LogPart third = LogPart.since(log, second.next());

        assertThat(first).isEqualTo(new LogPart("tw", 4, 6));
        assertThat(second).isEqualTo(new LogPart("o\n", 6, 8));
        assertThat(third).isEqualTo(new LogPart("", 8, 8));
    }

    @Test
    void aCharacterIsReadWhenAllOfItIsThere() throws IOException {
        byte[] euro = "a€".getBytes(StandardCharsets.UTF_8);
        Path log = directory.resolve("log");
        Files.write(log, new byte[] {euro[0], euro[1], euro[2]});

        LogPart part = LogPart.since(log, 0);
        Files.write(log, euro);

        assertThat(part).isEqualTo(new LogPart("a", 0, 1));
        assertThat(LogPart.since(log, 1)).isEqualTo(new LogPart("€", 1, 4));
    }

    @Test
    void aLogThatHasBegunAgainIsReadFromItsBeginning() throws IOException {
        assertThat(LogPart.since(written("new"), 500)).isEqualTo(new LogPart("new", 0, 3));
    }

    @Test
    void aLogThatIsNotThereYetIsEmpty() throws IOException {
        Path nowhere = directory.resolve("nowhere");

        assertThat(LogPart.end(nowhere, 10)).isEqualTo(new LogPart("", 0, 0));
        assertThat(LogPart.since(nowhere, 7)).isEqualTo(new LogPart("", 0, 0));
    }

    private Path written(String text) throws IOException {
        return Files.writeString(directory.resolve("log"), text);
    }
}
