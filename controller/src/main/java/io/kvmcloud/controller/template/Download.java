package io.kvmcloud.controller.template;

import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that comes by HTTP, and goes on where it broke off (RFC 9110, section 14): in this life, and in the next one from
 * what is on the disk.
 *
 * @param part where it is written
 * @param tag remembers the server's name for what is in {@code part}, so that two versions are never mixed; null where a
 *     digest decides in the end
 * @param arrival is told how much is there
 */
record Download(
        HttpClient client, URI uri, Path part, @Nullable Path tag, Arrival arrival) {

    /** What the journal and the guests of this disk need to go on, in bytes. */
    static final long SPARED = 16L << 20;

    private static final int CHUNK = 1 << 18;
    private static final int MOST_ATTEMPTS_IN_VAIN = 3;
    private static final Duration PAUSE = Duration.ofMillis(300);
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final String ROOM = "make room on the controller's host";
    private static final String ADDRESS = "check the address, and what that server has";

    /** It will not work the next time either. */
    static final class Hopeless extends IOException {
        private static final long serialVersionUID = 1;
        private final String hint;

        Hopeless(String why, String hint) {
            super(why);
            this.hint = hint;
        }

        /** What to do about it. */
        String hint() {
            return hint;
        }
    }

    /** @throws IOException that says why for people; what has come stays, unless the disk is full */
    void run() throws IOException {
        for (int inVain = 0; ; ) {
            long before = size();
            try {
                attempt(before);
                return;
            } catch (Hopeless hopeless) {
                throw hopeless;
            } catch (IOException broken) {
                if (before == 0 && broken instanceof ConnectException) { // where something came from, it may again
                    throw broken;
                }
                if (String.valueOf(broken.getMessage()).contains("No space left")) {
                    Files.deleteIfExists(part);
                    throw new Hopeless("the disk is full: " + part.getParent() + " has no room for it", ROOM);
                }
                inVain = size() > before ? 0 : inVain + 1;
                if (inVain == MOST_ATTEMPTS_IN_VAIN) {
                    throw broken instanceof ConnectException
                            ? new IOException("nobody answers there any more, after " + Text.size(before), broken)
                            : broken;
                }
                pause();
            }
        }
    }

    private void attempt(long have) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(SILENCE);
        String known = have > 0 ? knownTag() : "";
        boolean goOn = have > 0 && (tag == null || !known.isEmpty());
        if (goOn) {
            request.header("Range", "bytes=" + have + "-");
            if (!known.isEmpty()) {
                request.header("If-Range", known);
            }
        }
        HttpResponse<InputStream> response = send(request.build());
        try (InputStream body = response.body()) {
            switch (response.statusCode()) {
                case 200 -> {
                    rememberTag(response);
                    write(body, 0, response);
                }
                case 206 -> write(body, goOn && isFrom(have, response) ? have : -1, response);
                case 416 -> {
                    // Nothing follows what is here: it is whole, or something else, which its digest will tell.
                    if (!goOn) {
                        throw new Hopeless(uri + " answers 416 to a request for all of it", ADDRESS);
                    }
                }
                default -> {
                    String said = uri + " answers " + response.statusCode();
                    if (response.statusCode() >= 500) {
                        throw new IOException(said);
                    }
                    throw new Hopeless(said, ADDRESS);
                }
            }
        }
    }

    private static boolean isFrom(long have, HttpResponse<?> response) {
        return response.headers()
                .firstValue("Content-Range")
                .filter(range -> range.startsWith("bytes " + have + "-"))
                .isPresent();
    }

    /** @param from what stays of the file; -1 when the server sent a part that nobody asked for */
    private void write(InputStream body, long from, HttpResponse<?> response) throws IOException {
        if (from < 0) {
            Files.deleteIfExists(part);
            throw new IOException(uri + " answers with another part than was asked for");
        }
        long expected = response.headers().firstValueAsLong("Content-Length").orElse(0);
        requireRoom(expected);
        try (FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                Silence silence = new Silence(body)) {
            file.truncate(from).position(from);
            arrival.begins(from, expected == 0 ? 0 : from + expected);
            byte[] chunk = new byte[CHUNK];
            for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
                silence.heard();
                requireRoom(0);
                ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, read);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                arrival.has(file.position());
            }
            file.force(true);
        }
    }

    private void requireRoom(long needed) throws IOException {
        long free = Objects.requireNonNull(part.getParent()).toFile().getUsableSpace();
        if (free < needed + SPARED) {
            if (needed == 0) {
                Files.deleteIfExists(part);
            }
            throw new Hopeless(
                    "the disk is full: " + part.getParent() + " has " + (free >> 20) + " MiB left, "
                            + (needed == 0 ? "" : (needed >> 20) + " MiB are to come, ")
                            + "and " + (SPARED >> 20) + " MiB must stay for what runs there",
                    ROOM);
        }
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException silent) {
            throw new IOException(uri + " did not answer within " + SILENCE.toSeconds() + " s", silent);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private String knownTag() throws IOException {
        return tag != null && Files.exists(tag) ? Files.readString(tag) : "";
    }

    /** A weak one does not say that the bytes are the same. */
    private void rememberTag(HttpResponse<?> response) throws IOException {
        if (tag != null) {
            String said = response.headers().firstValue("ETag").orElse("");
            Files.writeString(tag, said.startsWith("W/") ? "" : said);
        }
    }

    private long size() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Closes a body that nothing comes from any more: reading it would wait for ever. */
    private static final class Silence implements AutoCloseable {
        private final InputStream body;
        private volatile long heard = System.nanoTime();
        private volatile boolean over;

        Silence(InputStream body) {
            this.body = body;
            look();
        }

        void heard() {
            heard = System.nanoTime();
        }

        private void look() {
            CompletableFuture.delayedExecutor(SILENCE.toMillis() / 4, TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        if (over) {
                            return;
                        }
                        if (System.nanoTime() - heard > SILENCE.toNanos()) {
                            try {
                                body.close();
                            } catch (IOException _) {
                                // The reader is told all the same.
                            }
                        } else {
                            look();
                        }
                    });
        }

        @Override
        public void close() {
            over = true;
        }
    }
}
