package io.kvmcloud.controller.qemu;

import io.kvmcloud.messages.CommandFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a guest has written to its serial console, in a file that QEMU appends to. A guest that writes without end must not fill
 * its host's disk: of a large log the room of the beginning is given back. The file keeps its length, with a hole in it
 * (fallocate(2)), so QEMU and those who read what follows notice nothing.
 */
final class SerialLog {

    private static final Logger LOG = LoggerFactory.getLogger(SerialLog.class);
    private static final long KEPT = 8 << 20;
    private static final long BLOCK = 4096;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final Path file;
    private long freed;

    SerialLog(Path file) {
        this.file = file;
    }

    /** Gives back room when twice as much is there as is kept, which is 8 MiB. Not for several threads. */
    void trim() {
        try {
            long size = Files.size(file);
            if (size < freed) {
                freed = 0; // somebody has emptied it
            }
            if (size - freed > 2 * KEPT) {
                long end = (size - KEPT) / BLOCK * BLOCK;
                free(freed, end);
                freed = end;
            }
        } catch (NoSuchFileException _) {
            // Nothing was written.
        } catch (IOException unreadable) {
            LOG.warn("{} cannot be looked at: {}", file, unreadable.toString());
        }
    }

    private void free(long from, long to) {
        try {
            var ended = ExternalProgram.run(
                    List.of(
                            "fallocate",
                            "--punch-hole",
                            "--offset",
                            Long.toString(from),
                            "--length",
                            Long.toString(to - from),
                            file.toString()),
                    LIMIT);
            if (ended.exitCode() != 0) {
                LOG.warn("{} takes {} MiB, and this disk gives none back: {}", file, to >> 20, ended.output());
            }
        } catch (CommandFailed failed) {
            LOG.warn("{} takes {} MiB: {}", file, to >> 20, failed.getMessage());
        }
    }
}
