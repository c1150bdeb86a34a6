package io.kvmcloud.controller.template;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** A web server on loopback with one file, that can break off. */
final class WebServer implements AutoCloseable {

    /** What was asked for each time: the value of {@code Range}, or {@code all}. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** After so many bytes an answer ends too early. */
    volatile int breaksAfter = Integer.MAX_VALUE;

    /** It does so when this is true. */
    volatile BooleanSupplier breaksWhen = () -> true;

    /** Its version of the file. */
    volatile byte[] file;

    volatile String tag = "\"1\"";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    WebServer(byte[] file) {
        this.file = file;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server.setExecutor(threads);
        server.createContext("/image", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/image";
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String range = exchange.getRequestHeaders().getFirst("Range");
            asked.add(range == null ? "all" : range);
            String same = exchange.getRequestHeaders().getFirst("If-Range");
            boolean part = range != null && (same == null || same.equals(tag));
            int from = part ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
            exchange.getResponseHeaders().set("ETag", tag);
            if (from >= file.length) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            if (part) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
            }
            exchange.sendResponseHeaders(part ? 206 : 200, file.length - from);
            int end = from + Math.min(file.length - from, breaksAfter);
            exchange.getResponseBody().write(Arrays.copyOfRange(file, from, end));
            exchange.getResponseBody().flush();
            while (end < file.length && !breaksWhen.getAsBoolean()) {
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
