package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Notes, errors and the line of status on a terminal of 60 columns, and where there is none. */
class NarrowTerminalTest {

    private static final Failure LONG = new Failure(
            Reason.NOT_FOUND,
            "there is no column 'stauts'; there are id, name, template, memory, cpus\n  s1: 1024 MiB free",
            "write more of it, or ask with `kvm-cloud instances --sort -memory`");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void anErrorGoesOnBelowAtAWordAndACommandStaysInOnePiece() {
        at(60).failure(LONG, "01a21a8e-2b7b", Format.TABLE);

        assertThat(said()).isEqualTo("""
                kvm-cloud: there is no column 'stauts'; there are id, name,
                  template, memory, cpus
                  s1: 1024 MiB free
                  hint: write more of it, or ask with
                    `kvm-cloud instances --sort -memory`   (op
                    01a21a8e-2b7b, exit 3)
                """);
    }

    @Test
    void whatIsPipedOrForAProgramIsNotBroken() {
        at(0).failure(LONG, "", Format.TABLE);
        at(60).failure(LONG, "", Format.JSON);

        assertThat(said()).contains("template, memory, cpus\n  s1", "-memory`   (exit 3)\n", "memory, cpus\\n  s1");
    }

    @Test
    void aWordThatFitsInNoLineIsLeftToTheTerminal() {
        assertThat(Lines.wrapped("see https://example.org/a-long-one and go", 12))
                .isEqualTo("see\n  https://example.org/a-long-one\n  and go");
    }

    @Test
    void theLineOfStatusNeverBecomesTwo() {
        at(10).status("0123456789");

        assertThat(said()).isEqualTo("\r\u001b[K012345678");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dead-letters", "doctor"})
    void aRowThatIsTooLongIsBrokenAtWords(String verb, @TempDir Path home) {
        assertThat(lines(verb, home, 60)).allMatch(line -> line.length() <= 60);
        assertThat(lines(verb, home, 0)).anyMatch(line -> line.length() > 60);
    }

    private List<String> lines(String verb, Path home, int columns) {
        var out = new ByteArrayOutputStream();
        var output = new Output(out, err, () -> columns, () -> columns);
        KvmCloud.commandLine(new Cloud(new FakeCloud()), output, Typed.surroundings(home))
                .execute(verb);
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** To ask it is to start a program. */
    @Test
    void theTerminalIsAskedOnceForEachLineHowWideItIs() {
        var asked = new AtomicInteger();
        var output = new Output(new ByteArrayOutputStream(), err, asked::incrementAndGet, () -> 0);

        output.status("1 s  waiting");
        output.note("there it is");

        assertThat(asked).hasValue(2);
    }

    @Test
    void bulkWorkShowsHowManyHowFastAndHowLong() {
        long[] now = {0};
        var tally = new Tally(20, () -> now[0]);
        assertThat(tally.get()).isEqualTo("[....................] 0 of 20");
        now[0] = 2_000_000_000;
        List.of(1, 2, 3, 4, 5).forEach(one -> tally.counting(() -> one));
        assertThat(tally.get()).isEqualTo("[#####...............] 5 of 20, 2.5/s, 6 s left");
    }

    @Test
    void aProgressWithinAnotherShowsNothing() {
        Output output = at(60);
        try (var _ = new Progress(output, true, "outer");
                var _ = new Progress(output, true, "inner")) {
            await().until(() -> said().contains("outer"));
        }
        try (var _ = new Progress(output, true, "later")) {
            await().until(() -> said().contains("later"));
        }

        assertThat(said()).contains("outer", "later").doesNotContain("inner").endsWith("\r\u001b[K");
    }

    private Output at(int columns) {
        return new Output(new ByteArrayOutputStream(), err, () -> columns, () -> columns);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
