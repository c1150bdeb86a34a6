package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/**
 * One connection to a guest's monitor, in the QEMU Machine Protocol (docs/interop/qmp-spec of QEMU): one JSON object a
 * line; a greeting, then {@code qmp_capabilities}, then commands, answers and events.
 *
 * <p>A QEMU that is stopped, or that serves another client, accepts the connection and says nothing. So commands may be
 * sent before the greeting came, they wait for it, and every one has a time limit.
 */
final class Qmp implements AutoCloseable {

    private static final int LONGEST_LINE = 1 << 20;
    /** So that a powerdown asked every two seconds of a silent QEMU does not pile up for ever. */
    private static final int MOST_UNANSWERED = 64;

    private static final JsonMapper JSON = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build());

    private final SocketChannel channel;
    private final BiConsumer<String, JsonNode> events;
    private final Map<Long, CompletableFuture<JsonNode>> unanswered = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final CompletableFuture<JsonNode> greeted = new CompletableFuture<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile boolean closed;

    private Qmp(SocketChannel channel, BiConsumer<String, JsonNode> events) {
        this.channel = channel;
        this.events = events;
    }

    /**
     * Connects without waiting for the greeting; never blocks.
     *
     * @param events is told each event's name and data, one after the other, before {@link #ended()} completes
     * @throws IOException when nothing listens, or too many clients wait already
     */
    static Qmp connect(Path socket, BiConsumer<String, JsonNode> events) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            // A blocking connect would wait, without a limit, for a stopped QEMU whose queue of clients is full.
            channel.configureBlocking(false);
            if (!channel.connect(UnixDomainSocketAddress.of(socket)) && !channel.finishConnect()) {
                throw new IOException("the monitor's queue of clients is full");
            }
            channel.configureBlocking(true);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
        Qmp qmp = new Qmp(channel, events);
        Thread.ofVirtual().name("qmp " + socket).start(qmp::read);
        return qmp;
    }

    /** Completes when the monitor is ready for commands; fails when it ends first. */
    CompletableFuture<JsonNode> greeted() {
        return greeted;
    }

    /** Completes when the connection is over, with why. */
    CompletableFuture<String> ended() {
        return ended;
    }

    /** Sends a command without arguments and waits for what it returns. */
    JsonNode execute(String command, Duration limit) throws QmpFailed {
        return execute(command, JSON.createObjectNode(), limit);
    }

    /** Sends a command and waits for what it returns. */
    JsonNode execute(String command, ObjectNode arguments, Duration limit) throws QmpFailed {
        try {
            return send(command, arguments, limit).get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new QmpFailed(
                    cause instanceof TimeoutException
                            ? "no answer to " + command + " within " + limit.toMillis() + " ms"
                            : String.valueOf(cause.getMessage()));
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new QmpFailed("interrupted while waiting for the answer to " + command);
        }
    }

    /** Sends a command without arguments and does not wait; the answer fails with {@link QmpFailed} or a time-out. */
    CompletableFuture<JsonNode> send(String command, Duration limit) {
        return send(command, JSON.createObjectNode(), limit);
    }

    /** Sends a command and does not wait. */
    CompletableFuture<JsonNode> send(String command, ObjectNode arguments, Duration limit) {
        if (unanswered.size() >= MOST_UNANSWERED) {
            return CompletableFuture.failedFuture(new QmpFailed(MOST_UNANSWERED + " commands are not answered yet"));
        }
        long id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        unanswered.put(id, answer);
        var _ = answer.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).whenComplete((_, _) -> unanswered.remove(id));
        var _ = greeted.whenComplete((_, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else if (!answer.isDone()) {
                write(command, arguments, id);
            }
        });
        if (ended.isDone()) {
            answer.completeExceptionally(new QmpFailed(ended.join()));
        }
        return answer;
    }

    /** Leaves the monitor to the next client. */
    @Override
    public void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException ignored) {
            // It is gone either way.
        }
    }

    private void write(String command, ObjectNode arguments, long id) {
        ObjectNode line = JSON.createObjectNode().put("execute", command).put("id", id);
        if (!arguments.isEmpty()) {
            line.set("arguments", arguments);
        }
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            synchronized (channel) {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException gone) {
            // The reader sees the end of the connection too, and tells everyone who waits.
        }
    }

    private void read() {
        String why = "the monitor closed the connection";
        try {
            ByteBuffer buffer = ByteBuffer.allocate(16384);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (channel.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    byte next = buffer.get();
                    if (next == '\n') {
                        take(JSON.readTree(line.toByteArray()));
                        line.reset();
                    } else if (line.size() < LONGEST_LINE) {
                        line.write(next);
                    } else {
                        throw new ProtocolException("a line is longer than " + LONGEST_LINE + " bytes");
                    }
                }
            }
        } catch (ClosedChannelException ours) {
            why = "the connection to the monitor was closed here";
        } catch (JacksonException garbage) {
            why = "the monitor does not speak QMP: " + garbage.getOriginalMessage();
        } catch (ProtocolException endless) {
            why = "the monitor does not speak QMP: " + endless.getMessage();
        } catch (IOException reset) {
            // Not an end of file, because a command of ours was not read by then; what it had said before was.
            why = "the monitor closed the connection";
        } finally {
            end(closed ? "the connection to the monitor was closed here" : why);
        }
    }

    private void take(JsonNode message) {
        if (message.has("QMP")) {
            greet();
        } else if (message.has("event")) {
            events.accept(message.path("event").asText(), message.path("data"));
        } else {
            CompletableFuture<JsonNode> answer =
                    unanswered.get(message.path("id").asLong());
            if (answer != null && message.has("error")) {
                answer.completeExceptionally(
                        new QmpFailed(message.path("error").path("desc").asText("refused without a reason")));
            } else if (answer != null) {
                answer.complete(message.path("return"));
            }
        }
    }

    private void greet() {
        CompletableFuture<JsonNode> capable = new CompletableFuture<>();
        unanswered.put(0L, capable);
        var _ = capable.whenComplete((answer, failure) -> {
            unanswered.remove(0L);
            if (failure == null) {
                greeted.complete(answer);
            } else {
                greeted.completeExceptionally(failure);
            }
        });
        write("qmp_capabilities", JSON.createObjectNode(), 0);
    }

    private void end(String why) {
        ended.complete(why);
        QmpFailed failure = new QmpFailed(why);
        greeted.completeExceptionally(failure);
        unanswered.values().forEach(answer -> answer.completeExceptionally(failure));
        close();
    }
}
