package io.kvmcloud.controller.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * What tells, without reading it, that a file or directory has changed.
 *
 * @param bytes its length, or -1 when it cannot be looked at
 * @param modified in ns since 1970
 * @param inode the file system's name for it: another one after a replacement by renaming
 */
record Stamp(String path, long bytes, long modified, String inode) {

    static Stamp of(Path path) {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(
                    path.toString(),
                    now.size(),
                    now.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                    String.valueOf(now.fileKey()));
        } catch (IOException absent) {
            return new Stamp(path.toString(), -1, 0, "");
        }
    }
}
