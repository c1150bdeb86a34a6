package io.kvmcloud.controller.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of one warm state.
 *
 * @param directory that holds them
 */
record WarmState(Path directory) {

    /** What it was made for. */
    Path shape() {
        return directory.resolve("shape.json");
    }

    /** The guest's memory, which copies map. */
    Path memory() {
        return directory.resolve("memory");
    }

    /** Its processors and devices. */
    Path state() {
        return directory.resolve("state");
    }

    /** What it had written: an overlay on the template's disk. */
    Path disk() {
        return directory.resolve("disk.qcow2");
    }

    /** How long it had been up, in milliseconds: a guest that goes on counts from there. */
    Path uptime() {
        return directory.resolve("uptime");
    }

    /** What its agent said when it was ready: in it the names of the lines that its copies take and not every guest does. */
    Path takes() {
        return directory.resolve("takes");
    }

    /** Those that are there. */
    List<Path> files() {
        return Stream.of(shape(), memory(), state(), disk(), uptime(), takes())
                .filter(Files::exists)
                .toList();
    }

    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
