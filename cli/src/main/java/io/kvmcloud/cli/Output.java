package io.kvmcloud.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What the program says: results on stdout, notes and errors on stderr, in the format asked for; always UTF-8. */
final class Output {

    /** Escape sequences, then what is left of the control characters: guests and hosts must not paint our terminal. */
    private static final Pattern ESCAPES =
            Pattern.compile("\u001b(\\[[0-?]*[ -/]*[@-~]|][^\u0007\u001b]*(\u0007|\u001b\\\\)?|[ -/]*[0-~])");

    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}&&[^\n\t]]");

    /** Of the terminals that tables are made for. */
    private static final int NARROW = 60;

    private static final Pattern UNSAFE = Pattern.compile("[\\x7f-\\x9f\\u2028\\u2029]");

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            defaultValue = "${env:KVM_CLOUD_FORMAT:-table}",
            description = "${COMPLETION-CANDIDATES}; also KVM_CLOUD_FORMAT (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    private final Writer out;
    private final PrintWriter err;
    private final IntSupplier columns;
    private final IntSupplier width;
    private final AtomicBoolean statusTaken = new AtomicBoolean();
    private boolean status;
    private volatile boolean onRawTerminal;

    /** Of a program whose notes nobody reads at a terminal. */
    Output(OutputStream out, OutputStream err) {
        this(out, err, () -> 0, () -> 0);
    }

    /**
     * @param columns of the terminal that notes and errors come to, or 0 when they come to none
     * @param width the same of results
     */
    Output(OutputStream out, OutputStream err, IntSupplier columns, IntSupplier width) {
        this.columns = columns;
        this.width = width;
        this.out = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        this.err = new PrintWriter(err, true, StandardCharsets.UTF_8);
    }

    /** The reader of stdout is gone ({@code | head}): time to end without a word. */
    static final class Closed extends RuntimeException {
        private static final long serialVersionUID = 1;
        /** What a shell reports for a program that SIGPIPE ended. */
        static final int EXIT_CODE = 141;
    }

    /** What a command had as its effect, and the id it was asked under. */
    record Done<T>(@JsonUnwrapped T result, String op) {}

    /** How results are to be written. */
    Format format() {
        return format;
    }

    /** A result that is a text for people, and this value as a tree. */
    void result(Object tree, String text) {
        switch (format) {
            case TABLE, VALUE -> text(text);
            case JSON, YAML -> tree(tree);
            case CSV -> csv(List.of(List.of("text"), List.of(text)));
        }
    }

    /** A part of a text that comes bit by bit, and this value as a tree. */
    void part(Object tree, String text) {
        if (format.isTree()) {
            tree(tree);
        } else {
            write(plain(text));
        }
    }

    /** What a guest means for the terminal, as it is. */
    void raw(String text) {
        write(text);
    }

    /** Whether the terminal has no will of its own ({@link RawTerminal}): notes then begin and end their lines themselves. */
    void onRawTerminal(boolean raw) {
        onRawTerminal = raw;
    }

    /** Lines for people, broken at words where their terminal would break them anywhere; a usual table is not measured. */
    String fitting(String lines) {
        return lines.lines().anyMatch(line -> line.length() > NARROW) ? Lines.wrapped(lines, width.getAsInt()) : lines;
    }

    /** A result for people. */
    void text(String text) {
        write(text.isEmpty() || text.endsWith("\n") ? plain(text) : plain(text) + "\n");
    }

    /** A result as JSON or YAML. */
    void tree(Object value) {
        write(structured(value, format));
    }

    /** A result as lines of cells, the first of which may be the header. */
    void csv(List<List<String>> rows) {
        write(Csv.of(rows));
    }

    /** Something worth knowing that is not the result. */
    synchronized void note(String text) {
        overStatus();
        String note = Lines.wrapped(plain(text), columns.getAsInt()) + "\n";
        err.print(onRawTerminal ? "\r\n" + note.replace("\n", "\r\n") : note);
        err.flush();
    }

    /** Asks a person who is at the terminal; whether the answer is yes. */
    boolean ask(String question) {
        err.print(Lines.wrapped(plain(question) + " [y/N] ", columns.getAsInt()));
        err.flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().matches("(?i)y|yes");
        } catch (IOException gone) {
            return false;
        }
    }

    /** Whether notes and errors come to a terminal. */
    boolean notesOnTerminal() {
        return columns.getAsInt() > 0;
    }

    /** There is one line of status: who takes it has it until it is given back. Whether it was free. */
    boolean takeStatus() {
        return statusTaken.compareAndSet(false, true);
    }

    /** Gives it back. */
    synchronized void giveStatusBack() {
        overStatus();
        statusTaken.set(false);
    }

    /** A line on a terminal that the next one, or anything else, takes the place of. */
    synchronized void status(String text) {
        String line = plain(text);
        int most = columns.getAsInt() - 1; // in the last column the next character would begin a line
        statusLine(most > 0 && line.length() > most ? line.substring(0, most) : line);
    }

    private void overStatus() {
        if (status) {
            statusLine("");
        }
    }

    private void statusLine(String line) {
        err.print("\r\u001b[K" + line);
        err.flush();
        status = !line.isEmpty();
    }

    /** Asks a person for input, on a terminal that can do no more. */
    void prompt(String text) {
        write(text);
    }

    /** Why it did not work: message, hint, op id if something was asked for, exit code. */
    void failure(Reply.Failure failure, String op) {
        failure(failure, op, format);
    }

    /** The same in a given format, for mistakes that are found before the format is read. */
    synchronized void failure(Reply.Failure failure, String op, Format format) {
        int code = failure.reason().exitCode();
        overStatus();
        if (format.isTree()) {
            var problem = new Problem(failure.reason(), code, failure.message(), failure.hint(), op);
            err.print(structured(new Problems(problem), format));
        } else {
            String text = "kvm-cloud: " + plain(failure.message()).stripTrailing()
                    + (failure.hint().isEmpty() ? "" : "\n  hint: " + plain(failure.hint()))
                    + "   (" + (op.isEmpty() ? "" : "op " + op + ", ") + "exit " + code + ")";
            err.println(Lines.wrapped(text, columns.getAsInt()));
        }
        err.flush();
    }

    /** Text from a guest or another host without anything that moves a cursor. */
    static String plain(String text) {
        return isPlain(text)
                ? text
                : CONTROLS.matcher(ESCAPES.matcher(text).replaceAll("")).replaceAll("");
    }

    /** For picocli's own texts, which are help and version. */
    PrintWriter writer() {
        return new PrintWriter(out, true);
    }

    private synchronized void write(String text) {
        overStatus();
        try {
            out.write(text);
            out.flush();
        } catch (IOException failed) {
            String why = String.valueOf(failed.getMessage());
            if (why.contains("Broken pipe")) {
                throw new Closed();
            }
            throw new CommandFailed(Reason.FAILED, "cannot write the result: " + why, "", failed);
        }
    }

    private static String structured(Object value, Format format) {
        JsonNode tree = Codec.tree(value);
        return format == Format.YAML ? Yaml.of(tree) : json(tree.toPrettyString()) + "\n";
    }

    /** JSON without what it allows in strings although terminals obey it or YAML 1.1 takes it for the end of a line. */
    static String json(String json) {
        return UNSAFE.matcher(json)
                .replaceAll(one -> "\\\\u%04x".formatted((int) one.group().charAt(0)));
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i)) && text.charAt(i) != '\n') {
                return false;
            }
        }
        return true;
    }

    private record Problems(Problem error) {}

    private record Problem(Reason reason, int exitCode, String message, String hint, String op) {}
}
