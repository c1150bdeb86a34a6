package io.kvmcloud.cli;

import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jline.reader.EOFError;
import org.jline.reader.Parser.ParseContext;
import org.jline.reader.impl.DefaultParser;
import picocli.CommandLine;

/** The seed's prompt: command lines one after the other, over one connection, until {@code exit} or the end of input. */
final class Shell {

    /** Where lines come from. */
    interface Lines {
        /** The next line, or an exception of its own at the end. */
        String next() throws End;
    }

    /** There is no further line. */
    static final class End extends Exception {
        private static final long serialVersionUID = 1;
    }

    private final Supplier<CommandLine> verbs;
    private final Output output;

    /** @param verbs a fresh command line for each line, over the connection all of them share */
    Shell(Supplier<CommandLine> verbs, Output output) {
        this.verbs = verbs;
        this.output = output;
    }

    /** Carries out all lines; the exit code of the last one that failed, or 0. */
    int run(Lines lines) {
        int exitCode = 0;
        try {
            while (true) {
                String line = lines.next().strip();
                if (line.equals("exit") || line.equals("quit")) {
                    return exitCode;
                }
                int code = line.isEmpty() || line.startsWith("#") ? 0 : execute(line);
                Thread.interrupted(); // Ctrl-C was for the line that ran
                exitCode = code == 0 ? exitCode : code;
                if (code == Output.Closed.EXIT_CODE) {
                    return exitCode;
                }
            }
        } catch (End _) {
            return exitCode;
        }
    }

    /** Words as in a POSIX shell: quotes and backslashes. Hints say `kvm-cloud VERB`, so that may be typed here too. */
    private int execute(String line) {
        List<String> words;
        try {
            var parser = new DefaultParser();
            parser.setEofOnUnclosedQuote(true);
            parser.setEofOnEscapedNewLine(true);
            words = new ArrayList<>(
                    parser.parse(line, line.length(), ParseContext.ACCEPT_LINE).words());
        } catch (EOFError unfinished) {
            return refused("a quote or a backslash is not finished in: " + line, "close the quote");
        }
        if (words.size() > 1 && words.getFirst().matches("(\\./)?kvm-cloud")) {
            words.removeFirst();
        }
        return words.getFirst().equals("shell")
                ? refused("this is the shell already", "`help` lists the verbs, `exit` leaves")
                : verbs.get().execute(words.toArray(new String[0]));
    }

    private int refused(String message, String hint) {
        output.failure(new Failure(Reason.INVALID, message, hint), "");
        return Reason.INVALID.exitCode();
    }
}
