package io.kvmcloud.controller.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which start of this machine it is: what was only in its memory before another one is gone. */
public final class BootId {

    private BootId() {}

    /** As the kernel names it (random(4)). */
    public static String current() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException missing) {
            return "unknown";
        }
    }
}
