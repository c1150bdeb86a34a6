package io.kvmcloud.controller.qemu;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What is typed into a guest's serial console. Connected when somebody first types, and then kept: QEMU has one client at a
 * time on it. QEMU writes what the guest says to its log file by itself; what comes here of it is thrown away, but read,
 * because QEMU would have the guest wait for a reader.
 */
final class SerialInput implements AutoCloseable {

    /** Pieces that wait for a guest that does not read: more is refused. */
    private static final int MOST_WAITING = 16;

    private final Path socket;
    private @Nullable Connection connection;

    /** @param socket of its chardev; nothing is done to it yet */
    SerialInput(Path socket) {
        this.socket = socket;
    }

    /** Types behind what was typed before; completes when QEMU has it, exceptionally with {@link CommandFailed}. Never blocks. */
    synchronized CompletableFuture<Void> type(String text) {
        Connection now = connection;
        if (now == null || !now.channel.isOpen()) {
            try {
                now = Connection.to(socket);
                connection = now;
            } catch (IOException noLine) {
                return CompletableFuture.failedFuture(new CommandFailed(
                        Reason.FAILED,
                        "its QEMU has no line to type on (" + noLine.getMessage() + "); nothing was typed",
                        "`kvm-cloud restart` the instance: it is one of before there was such a line, or its sockets were"
                                + " deleted"));
            }
        }
        return now.type(text);
    }

    /** Lets go of the line; what QEMU does not have yet is not typed. */
    @Override
    public synchronized void close() {
        if (connection != null) {
            connection.close();
        }
    }

    private record Piece(ByteBuffer bytes, CompletableFuture<Void> typed) {}

    /** One connection, a thread that writes to it, and one that reads. */
    private static final class Connection {
        private final SocketChannel channel;
        private final BlockingQueue<Piece> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final Thread writer;

        private Connection(SocketChannel channel, Path socket) {
            this.channel = channel;
            this.writer = Thread.ofVirtual().name("type " + socket).unstarted(this::write);
        }

        static Connection to(Path socket) throws IOException {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.configureBlocking(false); // a stopped QEMU whose queue of clients is full must not hold us up
                if (!channel.connect(UnixDomainSocketAddress.of(socket)) && !channel.finishConnect()) {
                    throw new IOException("too many others are connected");
                }
                channel.configureBlocking(true);
            } catch (IOException | RuntimeException failed) {
                channel.close();
                throw failed;
            }
            Connection connection = new Connection(channel, socket);
            connection.writer.start();
            Thread.ofVirtual().name("hear " + socket).start(connection::read);
            return connection;
        }

        CompletableFuture<Void> type(String text) {
            var piece = new Piece(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), new CompletableFuture<>());
            if (!waiting.offer(piece)) {
                piece.typed.completeExceptionally(new CommandFailed(
                        Reason.REFUSED,
                        "the guest does not read its serial console: " + MOST_WAITING
                                + " pieces wait to be typed; this one was not",
                        "type it when the guest listens"));
            } else if (!channel.isOpen()) {
                abandon();
            }
            return piece.typed;
        }

        void close() {
            try {
                channel.close();
            } catch (IOException _) {
                // It is closed either way.
            }
            writer.interrupt();
        }

        private void write() {
            try {
                while (channel.isOpen()) {
                    Piece next = waiting.take();
                    try {
                        while (next.bytes.hasRemaining()) {
                            channel.write(next.bytes);
                        }
                        next.typed.complete(null);
                    } catch (IOException closed) {
                        next.typed.completeExceptionally(gone());
                    }
                }
            } catch (InterruptedException _) {
                // It was closed while nothing was to be typed.
            }
            close();
            abandon();
        }

        private void abandon() {
            for (Piece late = waiting.poll(); late != null; late = waiting.poll()) {
                late.typed.completeExceptionally(gone());
            }
        }

        private void read() {
            ByteBuffer thrownAway = ByteBuffer.allocate(4096);
            try {
                while (channel.read(thrownAway.clear()) >= 0) {
                    // reads on
                }
            } catch (IOException _) {
                // The same as the end.
            }
            close();
        }

        private static CommandFailed gone() {
            return new CommandFailed(
                    Reason.FAILED,
                    "the line to its serial console was closed before all was typed",
                    "does it still run? `kvm-cloud info` tells");
        }
    }
}
