package io.kvmcloud.controller.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests by their id, each with its outcome once it has one.
 *
 * <pre>
 *   delivery ──▶ accept ──▶ on disk ──▶ ack ──▶ work ──▶ settle ──▶ on disk ──▶ answer
 *                  │
 *                  └─ known already: the same entry again, answered as the first time
 * </pre>
 *
 * <p>A line a step, in JSON. What was accepted and not settled when the process died is done again at the next start. Old
 * outcomes are forgotten when the file is rewritten at the start; instance numbers never are.
 */
public final class Journal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A request.
     *
     * @param requestId as the client made it
     * @param number the instance number reserved for it, or -1
     * @param deadline it does not begin after this
     * @param accepted when it was first seen
     * @param durable completes when the request is on the disk
     * @param outcome completes with its answer, and when that was written down
     */
    public record Entry(
            String requestId,
            Command<?> command,
            long number,
            Instant deadline,
            Instant accepted,
            CompletableFuture<Void> durable,
            CompletableFuture<Outcome> outcome) {}

    /** How it ended, and when. */
    public record Outcome(Reply reply, Instant at) {}

    private final Clock clock;
    private final Map<String, Entry> entries;
    private final JournalFile file;
    private long nextNumber;

    private Journal(Clock clock, Map<String, Entry> entries, JournalFile file, long nextNumber) {
        this.clock = clock;
        this.entries = entries;
        this.file = file;
        this.nextNumber = nextNumber;
    }

    /**
     * Reads the journal, forgets outcomes older than {@code retention}, and is ready for more.
     *
     * @param firstNumber of instances on this controller; used while the journal knows no higher one
     * @throws IOException when it cannot be read or written
     */
    public static Journal open(Path path, long firstNumber, Duration retention, Clock clock) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        long next = firstNumber;
        if (Files.exists(path)) {
            for (String line : Files.readString(path, StandardCharsets.UTF_8).split("\n")) {
                next = Math.max(next, replay(line, entries));
            }
        }
        Instant oldest = clock.instant().minus(retention);
        entries.values()
                .removeIf(entry -> entry.outcome().isDone() && entry.accepted().isBefore(oldest));
        StringBuilder compact = new StringBuilder(JSON.createObjectNode().put("next", next) + "\n");
        entries.values().forEach(entry -> {
            compact.append(acceptedLine(entry)).append('\n');
            if (entry.outcome().isDone()) {
                compact.append(settledLine(entry, entry.outcome().join())).append('\n');
            }
        });
        byte[] bytes = compact.toString().getBytes(StandardCharsets.UTF_8);
        DurableFile.write(path, bytes);
        return new Journal(clock, entries, new JournalFile(path, bytes.length), next);
    }

    /**
     * Takes a request, or finds it when it is known. The work may begin, and the delivery be acknowledged, when its
     * {@link Entry#durable} is done.
     *
     * @param stillOurs whether the session the delivery came on still lives; asked under the journal's lock, since a delivery
     *     of a dead session must not begin after a new one was told that the request is not here (messaging rule b)
     * @return empty when the delivery is not ours any more
     */
    public synchronized Optional<Accepted> accept(
            String requestId, Command<?> command, Instant deadline, BooleanSupplier stillOurs) {
        if (!stillOurs.getAsBoolean()) {
            return Optional.empty();
        }
        Entry known = entries.get(requestId);
        if (known != null) {
            return Optional.of(new Accepted(known, false));
        }
        long number = command instanceof Command.Placed<?> ? nextNumber++ : -1;
        Entry entry = new Entry(
                requestId,
                command,
                number,
                deadline,
                clock.instant(),
                new CompletableFuture<>(),
                new CompletableFuture<>());
        entries.put(requestId, entry);
        file.append(acceptedLine(entry)).whenComplete((_, failed) -> {
            if (failed != null) {
                forget(entry);
                entry.durable().completeExceptionally(failed);
            } else {
                entry.durable().complete(null);
            }
        });
        return Optional.of(new Accepted(entry, true));
    }

    /**
     * A request that was taken.
     *
     * @param first false when it was known before
     */
    public record Accepted(Entry entry, boolean first) {}

    /** Writes down the outcome, then completes it for whoever waits. */
    public void settle(Entry entry, Reply reply) {
        Outcome outcome = new Outcome(reply, clock.instant());
        file.append(settledLine(entry, outcome)).whenComplete((_, failed) -> {
            if (failed != null) {
                // Still true, and work that is done again finds it done; only a repeat after a restart redoes it.
                LOG.error("request {}: the outcome cannot be written down", entry.requestId(), failed);
            }
            entry.outcome().complete(outcome);
        });
    }

    /** The request, settled or not; empty when this controller does not have it. */
    public synchronized Optional<Entry> find(String requestId) {
        return Optional.ofNullable(entries.get(requestId));
    }

    /** Whether this instance number was ever given out here. */
    public synchronized boolean gaveOut(long number) {
        return number < nextNumber;
    }

    /** What was accepted in an earlier life and has no outcome, in the order it came. */
    public synchronized List<Entry> unsettled() {
        return entries.values().stream()
                .filter(entry -> !entry.outcome().isDone())
                .toList();
    }

    /** Numbers up to this one are taken, whatever the journal says: their instances exist. */
    public synchronized void skipNumbersTo(long highest) {
        nextNumber = Math.max(nextNumber, highest + 1);
    }

    @Override
    public void close() {
        file.close();
    }

    private synchronized void forget(Entry entry) {
        entries.remove(entry.requestId());
    }

    private static String acceptedLine(Entry entry) {
        ObjectNode line = JSON.createObjectNode();
        line.put("request", entry.requestId());
        line.put("type", entry.command().wireName());
        line.set("command", Codec.tree(entry.command()));
        line.put("number", entry.number());
        line.put("deadline", entry.deadline().toEpochMilli());
        line.put("accepted", entry.accepted().toEpochMilli());
        return line.toString();
    }

    private static String settledLine(Entry entry, Outcome outcome) {
        ObjectNode line = JSON.createObjectNode();
        line.put("settled", entry.requestId());
        line.put("at", outcome.at().toEpochMilli());
        line.put("type", outcome.reply().wireName());
        line.set("reply", Codec.tree(outcome.reply()));
        return line.toString();
    }

    /** Reads one line into the entries; returns the number after the highest it mentions. */
    private static long replay(String line, Map<String, Entry> entries) {
        try {
            JsonNode json = JSON.readTree(line);
            if (json.has("next")) {
                return json.get("next").asLong();
            }
            if (json.has("request")) {
                Command<?> command = Codec.command(json.get("type").asText(), bytes(json.get("command")));
                long number = json.get("number").asLong();
                String requestId = json.get("request").asText();
                Instant accepted = Instant.ofEpochMilli(json.get("accepted").asLong());
                Instant deadline = Instant.ofEpochMilli(json.get("deadline").asLong());
                entries.put(
                        requestId,
                        new Entry(
                                requestId,
                                command,
                                number,
                                deadline,
                                accepted,
                                CompletableFuture.completedFuture(null),
                                new CompletableFuture<>()));
                return number + 1;
            }
            if (json.has("settled")) {
                Entry entry = entries.get(json.get("settled").asText());
                if (entry != null) {
                    Reply reply = Codec.reply(json.get("type").asText(), bytes(json.get("reply")));
                    entry.outcome()
                            .complete(new Outcome(
                                    reply, Instant.ofEpochMilli(json.get("at").asLong())));
                }
            }
        } catch (IOException | RuntimeException damaged) {
            // Half a line at the end of a power cut is expected; its request was never acknowledged.
            LOG.warn(
                    "journal: a line cannot be read and is left out: {}",
                    line.substring(0, Math.min(80, line.length())));
        }
        return 0;
    }

    private static byte[] bytes(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
