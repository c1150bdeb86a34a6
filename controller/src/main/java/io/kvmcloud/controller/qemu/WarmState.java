package io.kvmcloud.controller.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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

    List<Path> files() {
        return List.of(shape(), memory(), state(), disk());
    }

    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
