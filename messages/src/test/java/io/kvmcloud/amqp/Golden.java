package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that says what our own output has to be; {@code -Dgolden=write} writes it instead of comparing. */
public record Golden(Path file) {

    private static final Path MODULE =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    private static final boolean WRITE = "write".equals(System.getProperty("golden"));

    /** Where the messages are: one file each, {@code FAMILY.WIRENAME.json}. */
    static final Path DIRECTORY = resource("wire").file();

    /** A file of the module's test resources. */
    public static Golden resource(String name) {
        return new Golden(MODULE.resolve("src/test/resources").resolve(name));
    }

    /** A page of the documentation. */
    static Golden page(String name) {
        return new Golden(MODULE.resolveSibling("docs").resolve(name));
    }

    static Golden of(Message message) {
        return of(message.getClass());
    }

    static Golden of(Class<? extends Message> kind) {
        String family = Command.class.isAssignableFrom(kind)
                ? "command"
                : Reply.class.isAssignableFrom(kind)
                        ? "reply"
                        : Event.class.isAssignableFrom(kind) ? "event" : "inquiry";
        return new Golden(DIRECTORY.resolve(family + "." + Message.wireName(kind) + ".json"));
    }

    /** The file's name without its ending. */
    String name() {
        return file.getFileName().toString().replaceFirst("\\.[a-z]+$", "");
    }

    String text() {
        try {
            return Files.readString(file);
        } catch (IOException missing) {
            throw new UncheckedIOException("-Dgolden=write makes it, then look at it", missing);
        }
    }

    /** Fails when the file says something else than this. */
    public void holds(String text) {
        try {
            if (WRITE) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        assertThat(text)
                .as("%s (-Dgolden=write changes it, if that is what you want)", file)
                .isEqualTo(text());
    }

    static String pretty(JsonNode json) throws JsonProcessingException {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(
                Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER));
        printer.indentObjectsWith(indenter);
        return new JsonMapper().writer(printer).writeValueAsString(json) + "\n";
    }
}
