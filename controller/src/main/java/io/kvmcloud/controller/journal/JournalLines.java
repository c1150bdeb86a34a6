package io.kvmcloud.controller.journal;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file's lines, one after the other. Every byte is a character, garbage too, so that lines can be counted in bytes. */
final class JournalLines implements Closeable {

    private final InputStream in;
    private final byte[] part = new byte[64 << 10];
    private int at;
    private int read;
    private long end;

    /** @param path may be of a file that is not there, which has no lines */
    JournalLines(Path path) throws IOException {
        in = Files.exists(path) ? Files.newInputStream(path) : InputStream.nullInputStream();
    }

    /** The next line without its end, or what is behind the last; null when there is no more. */
    @Nullable
    String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (more()) {
            int from = at;
            while (at < read && part[at] != '\n') {
                at++;
            }
            line.write(part, from, at - from);
            if (at < read) {
                at++;
                end += line.size() + 1;
                return line.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return line.size() == 0 ? null : line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Where the last whole line ended, in bytes. */
    long end() {
        return end;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private boolean more() throws IOException {
        if (at == read) {
            at = 0;
            read = in.read(part);
        }
        return read > 0;
    }
}
