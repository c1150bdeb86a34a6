package io.kvmcloud.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Lines that a person types at a terminal: history, completion, Ctrl-C empties the line, Ctrl-D leaves. */
final class Prompt implements Shell.Lines, AutoCloseable {

    /** The seed's. */
    static final String TEXT = "> ";

    private final Terminal terminal;
    private final LineReader reader;

    /** @param home where the history is kept */
    Prompt(Terminal terminal, Home home, Completer completer) {
        this.terminal = terminal;
        Thread runsTheLines = Thread.currentThread();
        terminal.handle(
                Terminal.Signal.INT, _ -> runsTheLines.interrupt()); // while a line runs; JLine has its own before
        var builder = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("kvm-cloud")
                .completer(completer)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.HISTORY_IGNORE_SPACE, true);
        try {
            home.make();
            builder.variable(LineReader.HISTORY_FILE, home.path().resolve("history"));
        } catch (IOException _) {
            // A shell without a memory is better than none.
        }
        reader = builder.build();
    }

    /** A prompt at this process's own terminal. */
    static Prompt here(Home home, Completer completer) {
        try {
            return new Prompt(TerminalBuilder.builder().system(true).build(), home, completer);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public String next() throws Shell.End {
        while (true) {
            try {
                return reader.readLine(TEXT);
            } catch (UserInterruptException _) {
                // Ctrl-C: the line is gone, the shell stays.
            } catch (EndOfFileException _) {
                throw new Shell.End();
            }
        }
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException _) {
            // It is gone: nothing is left to restore.
        }
    }
}
