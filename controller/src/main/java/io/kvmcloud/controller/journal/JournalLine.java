package io.kvmcloud.controller.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The three kinds of lines of a journal, written and read. */
final class JournalLine {

    private static final ObjectMapper JSON = new ObjectMapper();

    private JournalLine() {}

    /** Numbers below this one have been given out. */
    static String next(long number) {
        return JSON.createObjectNode().put("next", number).toString();
    }

    static String accepted(Journal.Entry entry) {
        ObjectNode line = JSON.createObjectNode();
        line.put("request", entry.requestId());
        line.put("type", entry.command().wireName());
        line.putRawValue("command", json(entry.command()));
        line.put("number", entry.number());
        line.put("deadline", entry.deadline().toEpochMilli());
        line.put("accepted", entry.accepted().toEpochMilli());
        return line.toString();
    }

    static String settled(String requestId, Journal.Outcome outcome) {
        ObjectNode line = JSON.createObjectNode();
        line.put("settled", requestId);
        line.put("at", outcome.at().toEpochMilli());
        line.put("type", outcome.reply().wireName());
        line.putRawValue("reply", json(outcome.reply()));
        return line.toString();
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

    private static RawValue json(Message message) {
        return new RawValue(new String(Codec.encode(message), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
