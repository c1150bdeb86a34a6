package io.kvmcloud.manager;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A client that can also do what {@code Requester} would not: everything a hostile or clumsy program might publish. */
final class Client implements AutoCloseable {

    private final Session session;
    private final ChannelLoop channel;
    private final Map<String, CompletableFuture<Envelope>> answers = new ConcurrentHashMap<>();

    Client(BrokerAddress address) {
        try {
            session = Session.open(address, "test client");
            channel = session.channel("test client");
            channel.consumeReplies(this::answered);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A well-formed question; its answer is awaited with {@link #answer}. */
    String ask(Command<?> command) {
        return ask(UUID.randomUUID().toString(), command, headers(command, 0));
    }

    String ask(String id, Command<?> command, Map<String, Object> headers) {
        return publish(Topology.keyOf(command), question(command, id, headers));
    }

    private static Envelope question(Command<?> command, String id, Map<String, Object> headers) {
        return new Envelope(
                command.wireName(),
                id,
                id,
                Topology.DIRECT_REPLY_TO,
                null,
                "test",
                headers,
                null,
                true,
                Codec.encode(command));
    }

    static Map<String, Object> headers(Command<?> command, int attempt) {
        Map<String, Object> headers = new HashMap<>(Map.of(
                Headers.VERSION,
                1,
                Headers.DEADLINE,
                Instant.now().plusSeconds(40).toEpochMilli(),
                Headers.ATTEMPT,
                attempt));
        if (command instanceof Command.Placed<?> placed) {
            headers.put(Headers.TEMPLATE, placed.template());
            headers.put(Headers.MEMORY, placed.memory().mebibytes());
            headers.put(Headers.CPUS, placed.cpus());
            headers.put(Headers.NAME, placed.name());
        }
        if (command instanceof Command.Addressed<?> addressed && addressed.kept()) {
            headers.put(Headers.KEPT, true);
        }
        return headers;
    }

    /** Anything at all. */
    String publish(
            String key,
            @Nullable String type,
            @Nullable String id,
            boolean wantsAnswer,
            Map<String, Object> headers,
            String body) {
        return publish(
                key,
                new Envelope(
                        type,
                        id,
                        id,
                        wantsAnswer ? Topology.DIRECT_REPLY_TO : null,
                        null,
                        "test",
                        headers,
                        null,
                        true,
                        body.getBytes(StandardCharsets.UTF_8)));
    }

    /** What the manager or a controller answered. */
    Reply answer(String id) {
        return Codec.reply(envelope(id));
    }

    /** True when it was answered, and well. */
    boolean succeeded(String id) {
        CompletableFuture<Envelope> answer = future(id);
        return answer.isDone() && !(Codec.reply(answer.join()) instanceof Reply.Failure);
    }

    /** An answer that comes from now on counts, none before. */
    void forget(String id) {
        answers.remove(id);
    }

    private Envelope envelope(String id) {
        try {
            return future(id).get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException missing) {
            throw new AssertionError("no answer to " + id, missing);
        }
    }

    Reply call(Command<?> command) {
        return answer(ask(command));
    }

    /** Whether this manager answers a ping; several take turns. */
    boolean isAnsweredBy(String manager) {
        Command<?> ping = new Command.Ping();
        String id = UUID.randomUUID().toString();
        return outcome(Topology.keyOf(ping), question(ping, id, headers(ping, 0)))
                                .join()
                        == ChannelLoop.Outcome.CONFIRMED
                && answer(id).equals(new Reply.Pong(manager));
    }

    /** Completes with {@code UNROUTABLE} when the broker returns what was published. */
    CompletableFuture<ChannelLoop.Outcome> outcome(String key, Envelope envelope) {
        CompletableFuture<ChannelLoop.Outcome> outcome = new CompletableFuture<>();
        channel.execute(() -> channel.publish(Topology.COMMANDS, key, envelope, outcome::complete));
        return outcome;
    }

    @Override
    public void close() {
        session.close();
    }

    private String publish(String key, Envelope envelope) {
        outcome(key, envelope);
        return String.valueOf(envelope.correlationId());
    }

    private void answered(Delivery delivery) {
        String id = delivery.envelope().correlationId();
        if (id != null) {
            future(id).complete(delivery.envelope());
        }
    }

    private CompletableFuture<Envelope> future(String id) {
        return answers.computeIfAbsent(id, _ -> new CompletableFuture<>());
    }
}
