package io.kvmcloud.controller.journal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The three kinds of lines of a journal, written and read. */
final class JournalLine {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TYPICAL = 512;

    private JournalLine() {}

    /** Writes the fields of a line. */
    private interface Fields {
        void write(JsonGenerator line) throws IOException;
    }

    /** Numbers below this one have been given out. */
    static String next(long number) {
        return line(line -> line.writeNumberField("next", number));
    }

    static String accepted(Journal.Entry entry) {
        return line(line -> {
            line.writeStringField("request", entry.requestId());
            line.writeStringField("type", entry.command().wireName());
            write(line, "command", entry.command());
            line.writeNumberField("number", entry.number());
            line.writeNumberField("deadline", entry.deadline().toEpochMilli());
            line.writeNumberField("accepted", entry.accepted().toEpochMilli());
        });
    }

    static String settled(String requestId, Journal.Outcome outcome) {
        return line(line -> {
            line.writeStringField("settled", requestId);
            line.writeNumberField("at", outcome.at().toEpochMilli());
            line.writeStringField("type", outcome.reply().wireName());
            write(line, "reply", outcome.reply());
        });
    }

    /**
     * Reads one line into the entries.
     *
     * @return the number after the highest it mentions
     * @throws IOException or a {@link RuntimeException} when it is not one of ours
     */
    static long replay(String line, Map<String, Journal.Entry> entries) throws IOException {
        JsonNode json = JSON.readTree(line);
        if (json.has("next")) {
            return json.required("next").longValue();
        }
        if (json.has("settled")) {
            Reply reply = Codec.reply(json.required("type").asText(), bytes(json.required("reply")));
            Journal.Entry entry = entries.get(json.required("settled").asText());
            if (entry != null) {
                Instant at = Instant.ofEpochMilli(json.path("at").asLong());
                entry.outcome().complete(new Journal.Outcome(reply, at));
            }
            return 0;
        }
        Command<?> command = Codec.command(json.required("type").asText(), bytes(json.required("command")));
        String requestId = json.required("request").asText();
        long number = json.required("number").longValue();
        entries.put(
                requestId,
                new Journal.Entry(
                        requestId,
                        command,
                        number,
                        Instant.ofEpochMilli(json.required("deadline").longValue()),
                        Instant.ofEpochMilli(json.required("accepted").longValue()),
                        CompletableFuture.completedFuture(null),
                        new CompletableFuture<>()));
        return number + 1;
    }

    private static String line(Fields fields) {
        StringWriter text = new StringWriter(TYPICAL);
        try (JsonGenerator line = JSON.createGenerator(text)) {
            line.writeStartObject();
            fields.write(line);
            line.writeEndObject();
        } catch (IOException impossible) {
            throw new IllegalStateException("writing to memory failed", impossible);
        }
        return text.toString();
    }

    private static void write(JsonGenerator line, String field, Message message) throws IOException {
        line.writeFieldName(field);
        line.writeRawValue(new String(Codec.encode(message), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
