package io.kvmcloud.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What the program says: results on stdout, notes and errors on stderr, both as text or JSON; always UTF-8. */
final class Output {

    /** Escape sequences, then what is left of the control characters: guests and hosts must not paint our terminal. */
    private static final Pattern ESCAPES =
            Pattern.compile("\u001b(\\[[0-?]*[ -/]*[@-~]|][^\u0007\u001b]*(\u0007|\u001b\\\\)?|[ -/]*[0-~])");

    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}&&[^\n\t]]");

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            defaultValue = "${env:KVM_CLOUD_FORMAT:-table}",
            description = "table or json; also KVM_CLOUD_FORMAT (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    private final Writer out;
    private final PrintWriter err;

    Output(OutputStream out, OutputStream err) {
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
    record Done(@JsonUnwrapped Object result, String op) {}

    /** A result: this value as JSON, or the text. */
    void result(Object json, String text) {
        switch (format) {
            case TABLE -> write(text.isEmpty() || text.endsWith("\n") ? plain(text) : plain(text) + "\n");
            case JSON -> write(pretty(Codec.tree(json)) + "\n");
        }
    }

    /** True when a script reads. */
    boolean json() {
        return format == Format.JSON;
    }

    /** Something worth knowing that is not the result. */
    void note(String text) {
        err.println(plain(text));
    }

    /** Asks a person for input, on a terminal that can do no more. */
    void prompt(String text) {
        write(text);
    }

    /** Why it did not work, in the form of product.md: message, hint, op id if something was asked for, exit code. */
    void failure(Reply.Failure failure, String op) {
        failure(failure, op, format);
    }

    /** The same in a given format, for mistakes that are found before the format is read. */
    void failure(Reply.Failure failure, String op, Format format) {
        int code = failure.reason().exitCode();
        switch (format) {
            case JSON ->
                err.println(pretty(Codec.tree(
                        new Problems(new Problem(failure.reason(), code, failure.message(), failure.hint(), op)))));
            case TABLE -> {
                err.print("kvm-cloud: " + plain(failure.message()).stripTrailing());
                err.print(failure.hint().isEmpty() ? "" : "\n  hint: " + plain(failure.hint()));
                err.println("   (" + (op.isEmpty() ? "" : "op " + op + ", ") + "exit " + code + ")");
            }
        }
    }

    /** Text from a guest or another host without anything that moves a cursor. */
    static String plain(String text) {
        return CONTROLS.matcher(ESCAPES.matcher(text).replaceAll("")).replaceAll("");
    }

    /** For picocli's own texts, which are help and version. */
    PrintWriter writer() {
        return new PrintWriter(out, true);
    }

    private void write(String text) {
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

    private static String pretty(JsonNode tree) {
        return tree.toPrettyString();
    }

    private record Problems(Problem error) {}

    private record Problem(Reason reason, int exitCode, String message, String hint, String op) {}
}
