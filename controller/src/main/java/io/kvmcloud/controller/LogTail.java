package io.kvmcloud.controller;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The end of a text file, however long the file is. */
final class LogTail {

    /** Well below the largest message, also when every byte needs escaping in JSON. */
    private static final int MOST_BYTES = 128 * 1024;

    private LogTail() {}

    /** At most this many lines, and at most 128 KiB; empty when there is no file. */
    static String of(Path file, int lines) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long start = Math.max(0, channel.size() - MOST_BYTES);
            ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - start));
            while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) >= 0) {
                // reads on
            }
            List<String> all = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (NoSuchFileException _) {
            return "";
        }
    }
}
