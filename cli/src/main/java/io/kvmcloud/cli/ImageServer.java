package io.kvmcloud.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives files of this machine to controllers by HTTP for as long as it is open, each at an address that nobody guesses. What
 * they get is checked by its digest, which goes another way.
 */
final class ImageServer implements AutoCloseable {

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-");
    private static final int CHUNK = 1 << 18;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final InetAddress address;

    private ImageServer(HttpServer server, InetAddress address) {
        this.server = server;
        this.address = address;
        server.setExecutor(threads);
    }

    /** @throws CommandFailed when this machine has no such address */
    static ImageServer on(InetAddress address) {
        try {
            ImageServer images = new ImageServer(HttpServer.create(new InetSocketAddress(address, 0), 0), address);
            images.server.start();
            return images;
        } catch (IOException refused) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "no file can be served on " + address.getHostAddress() + ": " + refused.getMessage(),
                    "--serve-address names an address of this machine that the controllers reach",
                    refused);
        }
    }

    /** The address of this machine from which the broker is reached: the controllers reach that one, too. */
    static InetAddress towards(URI broker) {
        try (var socket = new DatagramSocket()) {
            // Nothing is sent: only the route is looked for.
            socket.connect(new InetSocketAddress(broker.getHost(), broker.getPort() < 0 ? 5672 : broker.getPort()));
            return socket.getLocalAddress();
        } catch (IOException | RuntimeException unknown) {
            return InetAddress.getLoopbackAddress();
        }
    }

    /** Where this file is from now on. */
    String serve(Path file) {
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        String path = "/" + HexFormat.of().formatHex(secret);
        server.createContext(path, exchange -> {
            try (exchange) {
                answer(exchange, path, file);
            }
        });
        String host = address instanceof Inet6Address ? "[" + address.getHostAddress() + "]" : address.getHostAddress();
        return "http://" + host + ":" + server.getAddress().getPort() + path;
    }

    private void answer(HttpExchange exchange, String path, Path file) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")
                || !exchange.getRequestURI().getPath().equals(path)) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        try (FileChannel bytes = FileChannel.open(file)) {
            long size = bytes.size();
            String asked = exchange.getRequestHeaders().getFirst("Range");
            Matcher range = RANGE.matcher(asked == null ? "" : asked);
            long from = range.matches() ? Long.parseLong(range.group(1)) : 0;
            if (from > 0 && from >= size) {
                exchange.getResponseHeaders().set("Content-Range", "bytes */" + size);
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            if (from > 0) {
                exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (size - 1) + "/" + size);
            }
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, size == from ? -1 : size - from);
            copy(bytes.position(from), exchange.getResponseBody());
        }
    }

    private void copy(FileChannel from, OutputStream to) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        while (from.read(chunk) >= 0) {
            to.write(chunk.array(), 0, chunk.position());
            chunk.clear();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
