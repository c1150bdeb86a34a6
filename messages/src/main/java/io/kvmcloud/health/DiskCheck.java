package io.kvmcloud.health;

import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Text;
import java.io.File;
import java.nio.file.Path;
import java.util.List;

/**
 * Room on the disk of a directory, which need not exist yet.
 *
 * @param directory where things are going to be written
 */
public record DiskCheck(Path directory) implements Check {

    /** Less, and the next guest that writes is stopped by a full disk. */
    private static final long LITTLE = 1L << 30;

    /** Less, and what makes room needs room itself. */
    private static final long NONE = 64L << 20;

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public List<Finding> findings() {
        File there = directory.toAbsolutePath().toFile();
        while (!there.exists() && there.getParentFile() != null) {
            there = there.getParentFile();
        }
        // Not Files.getFileStore, which wants to find the mount point: a chroot may have none.
        return List.of(judge(there.getUsableSpace(), there.getTotalSpace()));
    }

    /** Of so many bytes. */
    Finding judge(long free, long total) {
        String what = Text.size(free) + " free of " + Text.size(total) + " in " + directory;
        String fix = "make room there, or delete instances and templates that nobody needs";
        return free < NONE
                ? Finding.fail(name(), what, fix)
                : free < LITTLE ? Finding.warn(name(), what, fix) : Finding.ok(name(), what);
    }
}
