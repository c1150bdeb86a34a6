package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The terminal of this process without a will of its own: each key comes at once, Ctrl-C too. Restored however we end. */
final class RawTerminal implements AutoCloseable {

    private final String before;
    private final Thread whenKilled;

    /** @throws CommandFailed when stty(1) cannot do it */
    RawTerminal() {
        before = stty("-g");
        whenKilled = new Thread(this::restore);
        Runtime.getRuntime().addShutdownHook(whenKilled);
        stty("raw", "-echo");
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(whenKilled);
        } catch (IllegalStateException _) {
            // We are being ended, and it runs.
        }
    }

    private void restore() {
        stty(before);
    }

    private static String stty(String... arguments) {
        List<String> line = new ArrayList<>(List.of("stty"));
        line.addAll(List.of(arguments));
        boolean interrupted = Thread.interrupted();
        try {
            Process stty = new ProcessBuilder(line)
                    .redirectInput(Redirect.INHERIT)
                    .redirectErrorStream(true)
                    .start();
            try (InputStream said = stty.getInputStream()) {
                String text = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
                if (stty.waitFor() != 0) {
                    throw new IOException(text);
                }
                return text;
            }
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "cannot set the terminal up: " + failed.getMessage(),
                    "is stty(1) of coreutils there?",
                    failed);
        } catch (InterruptedException again) {
            interrupted = true;
            return "";
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
