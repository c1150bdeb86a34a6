package io.kvmcloud.controller.qemu;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The other end of a monitor's socket: says what a test tells it to, and keeps what it hears. */
final class FakeMonitor implements AutoCloseable {

    private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<SocketChannel> clients = new LinkedBlockingQueue<>();

    FakeMonitor(Path socket) throws IOException {
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::listen);
    }

    /** The next connection. */
    Client client() throws InterruptedException {
        SocketChannel channel = clients.poll(5, TimeUnit.SECONDS);
        if (channel == null) {
            throw new AssertionError("nobody connected within 5 s");
        }
        return new Client(channel);
    }

    /** What a client is told and asked. */
    final class Client {
        private final SocketChannel channel;

        private Client(SocketChannel channel) {
            this.channel = channel;
            Thread.ofVirtual().start(() -> listenTo(channel));
        }

        void says(String... lines) throws IOException {
            for (String line : lines) {
                ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        }

        /** The next line of the client. */
        String hears() throws InterruptedException {
            String line = heard.poll(5, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("nothing heard within 5 s");
            }
            return line;
        }

        /** As QEMU begins. */
        void greets() throws Exception {
            says(
                    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}}, \"capabilities\": [\"oob\"]}}");
            if (!hears().equals("{\"execute\":\"qmp_capabilities\",\"id\":0}")) {
                throw new AssertionError("no qmp_capabilities");
            }
            says("{\"return\": {}, \"id\": 0}");
        }

        void hangsUp() throws IOException {
            channel.close();
        }
    }

    private void listen() {
        try {
            while (true) {
                clients.add(server.accept());
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void listenTo(SocketChannel channel) {
        StringBuilder line = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (channel.read(buffer.clear()) >= 0) {
                for (char letter : StandardCharsets.US_ASCII
                        .decode(buffer.flip())
                        .toString()
                        .toCharArray()) {
                    if (letter == '\n') {
                        heard.add(line.toString());
                        line.setLength(0);
                    } else {
                        line.append(letter);
                    }
                }
            }
        } catch (IOException closed) {
            // The client is gone, or the test is over.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel client : clients) {
            client.close();
        }
    }
}
