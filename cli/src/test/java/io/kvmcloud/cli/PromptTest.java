package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jline.reader.Candidate;
import org.jline.terminal.Size;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys at a terminal. */
@Timeout(60)
class PromptTest {

    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";
    private static final String UP = "\u001bOA";

    @TempDir
    private Path home;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private PipedOutputStream keyboard = new PipedOutputStream();

    @Test
    void tabCompletesCtrlCEmptiesTheLineAndCtrlDLeaves() throws Exception {
        try (Prompt prompt = prompt()) {
            assertThat(typed(prompt, "> ", "ins\t", "instances", "\r").strip()).isEqualTo("instances");
            assertThat(typed(prompt, "> ", "run s1/1", "run s1/1", CTRL_C, "> ", "help\r"))
                    .isEqualTo("help");
            assertThatThrownBy(() -> typed(prompt, "> ", CTRL_D)).isInstanceOf(Shell.End.class);
        }
    }

    @Test
    void theHistoryIsKeptForTheNextShell() throws Exception {
        try (Prompt prompt = prompt()) {
            assertThat(typed(prompt, "> ", "templates\r")).isEqualTo("templates");
            assertThatThrownBy(() -> typed(prompt, "> ", CTRL_D)).isInstanceOf(Shell.End.class);
        }

        try (Prompt prompt = prompt()) {
            assertThat(typed(prompt, "> ", UP, "templates", "\r")).isEqualTo("templates");
        }
        assertThat(Files.getPosixFilePermissions(home.resolve("state"))).hasSize(3);
    }

    @Test
    void anExclamationMarkIsOnlyThat() throws Exception {
        try (Prompt prompt = prompt()) {
            assertThat(typed(prompt, "> ", "ssh s1/1000 -- echo hi!\r")).isEqualTo("ssh s1/1000 -- echo hi!");
        }
    }

    /** The next line, while somebody types: each piece of text when the one before it is seen on the screen. */
    private String typed(Prompt prompt, String... seenAndTyped) throws Exception {
        screen.reset();
        var typing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < seenAndTyped.length; i += 2) {
                String seen = seenAndTyped[i];
                await(seen).until(() -> screen.toString(StandardCharsets.UTF_8).contains(seen));
                screen.reset();
                press(seenAndTyped[i + 1]);
            }
        });
        try {
            return prompt.next();
        } finally {
            typing.join();
        }
    }

    private void press(String keys) {
        try {
            keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Prompt prompt() throws IOException {
        keyboard = new PipedOutputStream();
        var keys = new PipedInputStream(keyboard, 1024);
        var terminal = new ExternalTerminal("test", "xterm", keys, screen, StandardCharsets.UTF_8);
        terminal.setSize(new Size(80, 24));
        return new Prompt(
                terminal,
                new Home(home.resolve("state")),
                (_, _, candidates) -> candidates.addAll(List.of(new Candidate("instances"))));
    }
}
