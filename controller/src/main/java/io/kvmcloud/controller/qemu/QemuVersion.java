package io.kvmcloud.controller.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/** The version of the QEMU that would be started now: packages are upgraded while a controller runs. Thread-safe. */
final class QemuVersion {

    private List<String> stamp = List.of();
    private String version = "";

    synchronized String current() {
        List<String> now = stamp();
        if (version.isEmpty() || !now.equals(stamp)) {
            version = AcceleratorProbe.qemuVersion();
            stamp = now;
        }
        return version;
    }

    private static List<String> stamp() {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin").split(":"))
                .map(directory -> Path.of(directory, QemuCommandLine.PROGRAM))
                .filter(Files::isExecutable)
                .limit(1)
                .map(QemuVersion::describe)
                .toList();
    }

    private static String describe(Path program) {
        try {
            BasicFileAttributes file = Files.readAttributes(program, BasicFileAttributes.class);
            return program + " " + file.fileKey() + " " + file.size() + " " + file.lastModifiedTime();
        } catch (IOException gone) {
            return program.toString();
        }
    }
}
