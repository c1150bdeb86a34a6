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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

    /** These instances are on the disk. To a release that does not know that, it says only what {@link #next} does. */
    static String synced(long next, Collection<Long> numbers) {
        return line(line -> {
            line.writeNumberField("next", next);
            line.writeArrayFieldStart("synced");
            for (long number : numbers) {
                line.writeNumber(number);
            }
            line.writeEndArray();
        });
    }

    /** @param unsynced whether its instance may not be on the disk */
    static String accepted(Journal.Entry entry, boolean unsynced) {
        return line(line -> {
            line.writeStringField("request", entry.requestId());
            line.writeStringField("type", entry.command().wireName());
            write(line, "command", entry.command());
            line.writeNumberField("number", entry.number());
            line.writeNumberField("deadline", entry.deadline().toEpochMilli());
            line.writeNumberField("accepted", entry.accepted().toEpochMilli());
            if (unsynced) {
                line.writeStringField("boot", entry.boot());
            }
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
     * Reads one line into the entries, and into what may not be on the disk.
     *
     * @return the number after the highest it mentions
     * @throws IOException or a {@link RuntimeException} when it is not one of ours
     */
    static long replay(String line, Map<String, Journal.Entry> entries, Unsynced unsynced) throws IOException {
        JsonNode json = JSON.readTree(line);
        if (json.has("next")) {
            List<Long> synced = new ArrayList<>();
            json.path("synced").forEach(number -> synced.add(number.longValue()));
            unsynced.synced(synced);
            return json.required("next").longValue();
        }
        if (json.has("settled")) {
            Reply reply = Codec.reply(json.required("type").asText(), bytes(json.required("reply")));
            Journal.Entry entry = entries.get(json.required("settled").asText());
            if (entry != null) {
                Instant at = Instant.ofEpochMilli(json.path("at").asLong());
                entry.outcome().complete(new Journal.Outcome(reply, at));
                unsynced.settled(entry, reply);
            }
            return 0;
        }
        Command<?> command = Codec.command(json.required("type").asText(), bytes(json.required("command")));
        String requestId = json.required("request").asText();
        long number = json.required("number").longValue();
        Journal.Entry entry = new Journal.Entry(
                requestId,
                command,
                number,
                json.path("boot").asText(),
                Instant.ofEpochMilli(json.required("deadline").longValue()),
                Instant.ofEpochMilli(json.required("accepted").longValue()),
                CompletableFuture.completedFuture(null),
                new CompletableFuture<>());
        entries.put(requestId, entry);
        unsynced.accepted(entry);
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
