package io.kvmcloud.controller.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A file of lines that is only appended to. One thread writes: what came in while the last sync ran goes out with the next
 * one, so a hundred lines at once cost a few syncs, not a hundred (group commit).
 */
final class JournalFile implements AutoCloseable {

    private record Line(byte[] bytes, CompletableFuture<Void> durable) {}

    private static final Line LAST = new Line(new byte[0], new CompletableFuture<>());

    private final FileChannel channel;
    private final LinkedBlockingQueue<Line> waiting = new LinkedBlockingQueue<>();
    private final Thread writer;
    private long length;

    /** @param length where to go on writing: the end of the last whole line */
    JournalFile(Path file, long length) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.truncate(length);
        this.length = length;
        writer = Thread.ofPlatform().daemon().name("journal").start(this::write);
    }

    /** Completes when the line is on the disk; exceptionally, with nothing written, when the disk does not take it. */
    CompletableFuture<Void> append(String line) {
        Line entry = new Line((line + "\n").getBytes(StandardCharsets.UTF_8), new CompletableFuture<>());
        waiting.add(entry);
        return entry.durable();
    }

    /** Writes what was appended before, and closes. */
    @Override
    public void close() {
        waiting.add(LAST);
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
        List<Line> batch = new ArrayList<>();
        while (true) {
            batch.clear();
            try {
                batch.add(waiting.take());
            } catch (InterruptedException _) {
                return;
            }
            waiting.drainTo(batch);
            boolean last = batch.removeIf(line -> line == LAST);
            commit(batch);
            if (last) {
                return;
            }
        }
    }

    private void commit(List<Line> batch) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(
                    batch.stream().mapToInt(line -> line.bytes().length).sum());
            batch.forEach(line -> bytes.put(line.bytes()));
            bytes.flip();
            long position = length;
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
            channel.force(false);
            length = position;
            batch.forEach(line -> line.durable().complete(null));
        } catch (IOException full) {
            takeBack();
            batch.forEach(line -> line.durable().completeExceptionally(full));
        }
    }

    /** Half a line must not stand before the next whole one. */
    private void takeBack() {
        try {
            channel.truncate(length);
        } catch (IOException _) {
            // The next commit writes from the same place again.
        }
    }
}
