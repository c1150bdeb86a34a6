package io.kvmcloud.controller;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A file system of its own in memory that can be full or read-only. To mount it a test must be root. */
public final class SmallDisk implements AutoCloseable {

    private final Path directory;

    /** Mounts it on a directory that exists. */
    public SmallDisk(Path directory, String size) {
        this.directory = directory;
        Commands.run("mount", "-t", "tmpfs", "-o", "size=" + size, "kvm-cloud-test", directory.toString());
    }

    /** Where it is. */
    public Path directory() {
        return directory;
    }

    /** Takes all the room there is. */
    public void fill() {
        try (var ballast = Files.newOutputStream(directory.resolve("ballast"))) {
            byte[] page = new byte[4096];
            while (true) {
                ballast.write(page);
            }
        } catch (IOException full) {
            if (!String.valueOf(full.getMessage()).contains("No space left")) {
                throw new UncheckedIOException(full);
            }
        }
    }

    /** Takes back {@link #fill}. */
    public void makeRoom() {
        try {
            Files.delete(directory.resolve("ballast"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Nothing may be written any more; only while no file is open for writing. */
    public void makeReadOnly() {
        Commands.run("mount", "-o", "remount,ro", directory.toString());
    }

    /** Takes back {@link #makeReadOnly}. */
    public void makeWritable() {
        Commands.run("mount", "-o", "remount,rw", directory.toString());
    }

    /** A process that was killed may look dead while its last threads still hold its files. */
    @Override
    public void close() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> Commands.run("umount", directory.toString()));
    }
}
