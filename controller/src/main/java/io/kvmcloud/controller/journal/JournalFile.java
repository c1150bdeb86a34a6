package io.kvmcloud.controller.journal;

import io.kvmcloud.controller.disk.DurableFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of lines that is only appended to. One thread writes: what came in while the last sync ran goes out with the next
 * one, so a hundred lines at once cost a few syncs, not a hundred (group commit).
 *
 * <p>Behind the lines there is a reserve of zeros, disk space that is ours already: on a full disk ordinary lines are refused,
 * and those that help to make room still find theirs.
 */
final class JournalFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JournalFile.class);

    /** Some hundred lines. It is filled up when a quarter of it is used. */
    private static final int RESERVE = 128 << 10;

    /** Written in one go: a whole journal would not fit into memory twice. */
    private static final int PART = 64 << 10;

    private sealed interface Task {
        record Line(byte[] bytes, boolean fromReserve, CompletableFuture<Void> durable) implements Task {}

        record Rewrite(Supplier<Stream<String>> lines) implements Task {}

        record Last() implements Task {}
    }

    private final Path file;
    private final LinkedBlockingQueue<Task> waiting = new LinkedBlockingQueue<>();
    private final Thread writer;
    private FileChannel channel;
    private long length;
    private long allocated;

    /** @param length where to go on writing: the end of the last whole line */
    JournalFile(Path file, long length) throws IOException {
        this.file = file;
        this.channel = open(file);
        this.length = length;
        channel.truncate(length + RESERVE);
        this.allocated = Math.max(length, channel.size());
        // What was behind is the reserve of before, and perhaps half a line.
        put(channel, ByteBuffer.allocate((int) (allocated - length)), length);
        this.writer = Thread.ofPlatform().daemon().name("journal").start(this::write);
    }

    /**
     * Completes when the line is on the disk, in the order of the lines; exceptionally, with nothing written, when the disk
     * does not take it.
     *
     * @param fromReserve whether it may use the last room there is
     */
    CompletableFuture<Void> append(String line, boolean fromReserve) {
        Task.Line entry =
                new Task.Line((line + "\n").getBytes(StandardCharsets.UTF_8), fromReserve, new CompletableFuture<>());
        waiting.add(entry);
        return entry.durable();
    }

    /**
     * Replaces all lines by others, some time later; the old file stays when the disk does not take the new one.
     *
     * @param lines asked on the writing thread, when every line of which it was told that it is durable is in the file, and
     *     no other
     */
    void rewrite(Supplier<Stream<String>> lines) {
        waiting.add(new Task.Rewrite(lines));
    }

    /** Writes what was appended before, and closes. */
    @Override
    public void close() {
        waiting.add(new Task.Last());
        try {
            writer.join();
            channel.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            // All lines are synced already.
        }
    }

    private void write() {
        List<Task> tasks = new ArrayList<>();
        List<Task.Line> batch = new ArrayList<>();
        boolean last = false;
        while (!last) {
            tasks.clear();
            try {
                tasks.add(waiting.take());
            } catch (InterruptedException _) {
                return;
            }
            waiting.drainTo(tasks);
            for (Task task : tasks) {
                switch (task) {
                    case Task.Line line -> batch.add(line);
                    case Task.Rewrite(var lines) -> {
                        commit(batch);
                        replace(lines);
                    }
                    case Task.Last _ -> last = true;
                }
            }
            commit(batch);
        }
    }

    /** Empties the batch. */
    private void commit(List<Task.Line> batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<Task.Line> written = new ArrayList<>(batch);
        try {
            fillReserve(size(batch));
        } catch (IOException full) {
            written.removeIf(line -> !line.fromReserve());
            batch.stream()
                    .filter(line -> !line.fromReserve())
                    .forEach(line -> line.durable().completeExceptionally(full));
        }
        try {
            append(written);
            written.forEach(line -> line.durable().complete(null));
        } catch (IOException failed) {
            takeBack();
            written.forEach(line -> line.durable().completeExceptionally(failed));
        }
        batch.clear();
    }

    private void append(List<Task.Line> lines) throws IOException {
        if (!lines.isEmpty()) {
            ByteBuffer bytes = ByteBuffer.allocate(size(lines));
            lines.forEach(line -> bytes.put(line.bytes()));
            put(channel, bytes.flip(), length);
            channel.force(false);
            length += bytes.limit();
            allocated = Math.max(allocated, length);
        }
    }

    /** Makes sure that three quarters of the reserve are there when so many bytes have been written. */
    private void fillReserve(int coming) throws IOException {
        if (allocated - length - coming < RESERVE * 3 / 4) {
            int missing = (int) (length + coming + RESERVE - allocated);
            put(channel, ByteBuffer.allocate(missing), allocated);
            allocated += missing;
        }
    }

    /** Half a line must not stand before the next whole one. */
    private void takeBack() {
        try {
            channel.truncate(length);
            allocated = length;
        } catch (IOException _) {
            // The next commit writes from the same place again.
        }
    }

    private void replace(Supplier<Stream<String>> lines) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            FileChannel next = open(fresh);
            long end;
            try {
                put(next, lines.get());
                end = next.position();
                put(next, ByteBuffer.allocate(RESERVE), end);
                next.force(true);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException full) {
                next.close();
                Files.deleteIfExists(fresh);
                throw full;
            }
            // From here on the old file has no name: whatever fails, lines must go to the new one.
            channel.close();
            channel = next;
            length = end;
            allocated = length + RESERVE;
            DurableFile.syncDirectory(
                    Objects.requireNonNull(file.toAbsolutePath().getParent()));
        } catch (IOException failed) {
            LOG.warn("{} could not be rewritten, it goes on as it is: {}", file, failed.toString());
        }
    }

    /** Made for our user's eyes only: commands may hold secrets. */
    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static int size(List<Task.Line> lines) {
        return lines.stream().mapToInt(line -> line.bytes().length).sum();
    }

    /** From its beginning on. */
    private static void put(FileChannel to, Stream<String> lines) throws IOException {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(to), PART);
        for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
            out.write((each.next() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
    }

    private static void put(FileChannel to, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += to.write(bytes, at);
        }
    }
}
