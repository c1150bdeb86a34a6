package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The terminal of this process without a will of its own: each key comes at once, Ctrl-C too. Restored however we end. */
final class RawTerminal implements AutoCloseable {

    /** Of the window. */
    record Size(int rows, int columns) {}

    private static final Size USUAL = new Size(24, 80);
    private static final Size UNKNOWN = new Size(0, 0);

    private final String before;
    private final Runnable farewell;
    private final Thread whenKilled;

    /**
     * @param farewell done each time it is restored, which may be twice
     * @throws CommandFailed when stty(1) cannot do it
     */
    RawTerminal(Runnable farewell) {
        this.farewell = farewell;
        before = stty(Redirect.INHERIT, "-g");
        whenKilled = new Thread(this::restore);
        Runtime.getRuntime().addShutdownHook(whenKilled);
        stty(Redirect.INHERIT, "raw", "-echo");
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

    /** As it is now: windows are made larger and smaller. */
    static Size size() {
        Size size = size(Redirect.INHERIT);
        return size.rows() > 0 && size.columns() > 0 ? size : USUAL;
    }

    /** How wide this terminal is now; 0 when that cannot be known. */
    static int columns(File terminal) {
        try {
            return size(Redirect.from(terminal)).columns();
        } catch (CommandFailed unknown) {
            return 0;
        }
    }

    private static Size size(Redirect terminal) {
        String[] words = stty(terminal, "size").split(" ");
        return words.length == 2 ? new Size(Integer.parseInt(words[0]), Integer.parseInt(words[1])) : UNKNOWN;
    }

    private void restore() {
        farewell.run();
        stty(Redirect.INHERIT, before);
    }

    private static String stty(Redirect terminal, String... arguments) {
        List<String> line = new ArrayList<>(List.of("stty"));
        line.addAll(List.of(arguments));
        boolean interrupted = Thread.interrupted();
        try {
            Process stty = new ProcessBuilder(line)
                    .redirectInput(terminal)
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
