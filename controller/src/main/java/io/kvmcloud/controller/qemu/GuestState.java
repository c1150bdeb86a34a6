package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The state of a stopped guest without its memory, half a megabyte: its processors and devices. QEMU calls it a migration; we
 * are the other side of it, on a unix socket, since a sandboxed QEMU starts no program and has no files of ours open.
 */
final class GuestState {

    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(1);

    private GuestState() {}

    /** Takes the state out of a stopped guest whose memory is in a shared file. */
    static byte[] save(Qmp monitor, Path socket) throws QmpFailed, IOException, InterruptedException {
        leaveMemoryOut(monitor);
        Files.deleteIfExists(socket);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            // Or we would wait for ever for a QEMU that died, or does not come.
            var _ = monitor.ended()
                    .copy()
                    .orTimeout(ANSWER.toSeconds(), TimeUnit.SECONDS)
                    .whenComplete((_, _) -> close(server));
            monitor.execute("migrate", uri(socket), ANSWER);
            byte[] state;
            try (SocketChannel channel = server.accept()) {
                state = Channels.newInputStream(channel).readAllBytes();
            }
            String status = status(monitor);
            for (; !status.equals("completed"); status = status(monitor)) {
                if (status.equals("failed") || status.equals("cancelled")) {
                    throw new IOException("QEMU could not write the guest's state: " + status);
                }
                Thread.sleep(POLL);
            }
            return state;
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    /** Puts the state into a guest that waits for it; returns when it is loaded, and the guest is still stopped. */
    static void load(Qmp monitor, Path socket, byte[] state) throws QmpFailed, IOException, InterruptedException {
        leaveMemoryOut(monitor);
        Files.deleteIfExists(socket);
        monitor.execute("migrate-incoming", uri(socket), ANSWER);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer bytes = ByteBuffer.wrap(state);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } finally {
            Files.deleteIfExists(socket);
        }
        while (monitor.execute("query-status", ANSWER).path("status").asText().equals("inmigrate")) {
            Thread.sleep(POLL);
        }
    }

    private static void close(ServerSocketChannel server) {
        try {
            server.close();
        } catch (IOException closed) {
            // Nobody waits for it then.
        }
    }

    private static void leaveMemoryOut(Qmp monitor) throws QmpFailed {
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        arguments
                .putArray("capabilities")
                .addObject()
                .put("capability", "x-ignore-shared")
                .put("state", true);
        monitor.execute("migrate-set-capabilities", arguments, ANSWER);
    }

    private static ObjectNode uri(Path socket) {
        return JsonNodeFactory.instance.objectNode().put("uri", "unix:" + socket);
    }

    private static String status(Qmp monitor) throws QmpFailed {
        JsonNode answer = monitor.execute("query-migrate", ANSWER);
        return answer.path("status").asText();
    }
}
