package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An empty qcow2 overlay. Those on one disk, of one size, are the same byte for byte: {@code qemu-img} makes the first, and
 * looks at what it stands on; each further one is a copy, without a program that starts and syncs its file five times.
 *
 * @param blocks what is not zero, and the last one, by its place in the file
 */
record Overlay(Map<Long, byte[]> blocks) {

    /** @param on with its time of modification: another file under the same name is another disk */
    private record Kind(Backing on, String format, long size) {}

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;

    /** Three blocks each. */
    private static final int MOST = 100;

    private static final Object FIRST = new Object();

    private static final Map<Kind, Overlay> MADE = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, Overlay> eldest) {
            return size() > MOST;
        }
    });

    /** Makes the one of this guest, which must not be there; not synced. @throws IOException says what qemu-img said */
    static void make(GuestSpec spec, Path file) throws IOException {
        long size =
                spec.disk().bytes() > spec.template().diskBytes() ? spec.disk().bytes() : 0;
        Kind kind = new Kind(Backing.of(spec.template()), spec.template().format(), size);
        Overlay known = MADE.get(kind);
        if (known == null) {
            synchronized (FIRST) { // of many at once, the others wait for it
                known = MADE.get(kind);
                if (known == null) {
                    create(kind, spec.template().disk(), file);
                    MADE.put(kind, read(file));
                    return;
                }
            }
        }
        known.write(file);
    }

    private static void create(Kind kind, Path disk, Path file) throws IOException {
        // The format is told: QEMU must not guess it from what some guest may have written into a raw image.
        List<String> line = new ArrayList<>(List.of(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                kind.format(),
                "-b",
                disk.toAbsolutePath().toString(),
                file.toString()));
        if (kind.size() > 0) {
            line.add(Long.toString(kind.size()));
        }
        ExternalProgram.Ended ended = ExternalProgram.run(line, LIMIT);
        if (ended.exitCode() != 0) {
            throw new IOException(ended.output());
        }
    }

    private static Overlay read(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        Map<Long, byte[]> blocks = new LinkedHashMap<>();
        for (int from = 0; from < all.length; from += BLOCK) {
            byte[] block = Arrays.copyOfRange(all, from, Math.min(from + BLOCK, all.length));
            if (!isZero(block) || from + BLOCK >= all.length) { // the last one makes it as long as it is
                blocks.put((long) from, block);
            }
        }
        return new Overlay(blocks);
    }

    private static boolean isZero(byte[] block) {
        for (byte each : block) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    private void write(Path file) throws IOException {
        try (FileChannel to = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Map.Entry<Long, byte[]> block : blocks.entrySet()) {
                ByteBuffer bytes = ByteBuffer.wrap(block.getValue());
                while (bytes.hasRemaining()) {
                    to.write(bytes, block.getKey() + bytes.position());
                }
            }
        }
    }
}
