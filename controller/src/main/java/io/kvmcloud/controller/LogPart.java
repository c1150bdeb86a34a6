package io.kvmcloud.controller;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A part of a text file that grows.
 *
 * @param from its first byte
 * @param next the byte behind it
 */
record LogPart(String text, long from, long next) {

    /** Well below the largest message, also when every byte needs escaping in JSON. */
    private static final int MOST_BYTES = 128 * 1024;

    /** Its end: at most this many lines, and at most 128 KiB; empty when there is no file. */
    static LogPart end(Path file, int lines) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            byte[] bytes = read(channel, Math.max(0, size - MOST_BYTES), size);
            int begin = bytes.length - (bytes.length > 0 && bytes[bytes.length - 1] == '\n' ? 1 : 0);
            for (int left = lines; begin > 0 && (bytes[begin - 1] != '\n' || --left > 0); ) {
                begin--;
            }
            return of(bytes, begin, bytes.length, size - bytes.length + begin);
        } catch (NoSuchFileException _) {
            return new LogPart("", 0, 0);
        }
    }

    /**
     * What was written from this byte on, at most 128 KiB, without the last character when only a part of it is there; all there
     * is when the file has become shorter than that.
     */
    static LogPart since(Path file, long from) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            long begin = from > size ? 0 : from;
            byte[] bytes = read(channel, begin, Math.min(size, begin + MOST_BYTES));
            return of(bytes, 0, bytes.length - unfinished(bytes), begin);
        } catch (NoSuchFileException _) {
            return new LogPart("", 0, 0);
        }
    }

    private static LogPart of(byte[] bytes, int begin, int end, long from) {
        return new LogPart(new String(bytes, begin, end - begin, StandardCharsets.UTF_8), from, from + end - begin);
    }

    private static byte[] read(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // reads on
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** How many bytes at the end are the beginning of a character of UTF-8 (RFC 3629) whose others are still to come. */
    private static int unfinished(byte[] bytes) {
        for (int back = 1; back <= Math.min(3, bytes.length); back++) {
            int one = bytes[bytes.length - back] & 0xff;
            if (one >= 0xc0) {
                int whole = one >= 0xf0 ? 4 : one >= 0xe0 ? 3 : 2;
                return whole > back ? back : 0;
            }
            if (one < 0x80) {
                return 0;
            }
        }
        return 0;
    }
}
