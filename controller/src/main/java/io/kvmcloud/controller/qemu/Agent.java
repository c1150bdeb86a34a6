package io.kvmcloud.controller.qemu;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The line to the agent in a guest: lines of text, either way (templates/README.md). */
final class Agent implements AutoCloseable {

    /** What it says first, once after each start. */
    static final String READY = "ready";

    private static final String HUNG_UP = "";

    private final SocketChannel channel;
    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private Agent(SocketChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException when nothing listens there */
    static Agent connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
        Agent agent = new Agent(channel);
        Thread.ofVirtual().name("agent " + socket).start(agent::listen);
        return agent;
    }

    void send(String lines) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Waits until it says a line that begins with this word, and returns the line.
     *
     * @throws IOException when it does not within the time, says that something went wrong, or is gone
     */
    String await(String word, Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            String line = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new IOException("the agent in the guest did not answer within " + limit.toMillis() + " ms");
            } else if (line.equals(HUNG_UP)) {
                throw new IOException("the line to the agent in the guest is closed");
            } else if (line.startsWith("error")) {
                throw new IOException("the agent in the guest says: " + line.replaceAll("\\p{Cntrl}", "?"));
            } else if (line.startsWith(READY) && !word.equals(READY)) {
                throw new IOException("the guest has started anew");
            } else if (line.equals(word) || line.startsWith(word + " ")) {
                return line;
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException gone) {
            // It is closed either way.
        }
    }

    private void listen() {
        try (var lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    heard.add(line.strip());
                }
            }
        } catch (IOException closed) {
            // The same as the end.
        } finally {
            heard.add(HUNG_UP);
        }
    }
}
