package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The disks of an instance: a qcow2 overlay on the template's disk, and the seed. */
final class GuestDisks {

    /** An empty overlay is 200 KiB, a seed 64 KiB and with user-data twice that; the rest is for its logs and its first steps. */
    private static final long NEEDED = 2L << 20;

    private GuestDisks() {}

    /** Makes them, or leaves nothing behind. Nothing is synced. */
    static void make(GuestSpec spec, List<String> sshKeys, UserData userData) {
        make(spec, sshKeys, userData, NEEDED);
    }

    /** @param needed bytes that must be free */
    static void make(GuestSpec spec, List<String> sshKeys, UserData userData, long needed) {
        GuestFiles files = new GuestFiles(spec.directory());
        List<Path> made =
                List.of(files.disk(), files.seed(), files.backing(), files.keys(), files.userData(), files.unused());
        boolean done = false;
        try {
            requireSpace(files.directory(), needed, "");
            Files.write(files.backing(), backing(spec).json());
            Overlay.make(spec, files.disk());
            if (spec.template().seed()) {
                writeSecret(files.seed(), Seed.image(spec, sshKeys, userData));
            }
            Files.write(files.keys(), sshKeys);
            if (!userData.isEmpty()) {
                writeSecret(files.userData(), userData.text().getBytes(StandardCharsets.UTF_8));
            }
            Files.write(files.unused(), new byte[0]);
            done = true;
        } catch (IOException failed) {
            requireSpace(files.directory(), needed, String.valueOf(failed.getMessage()));
            throw new CommandFailed(
                    Reason.FAILED,
                    "the disk of " + spec.id() + " cannot be made: " + failed,
                    "may the controller's user write to " + files.directory() + "?",
                    failed);
        } finally {
            if (!done) {
                made.forEach(GuestDisks::delete);
            }
        }
    }

    /** An empty overlay on the template's disk again, whatever a start that failed has left. */
    static void renew(GuestSpec spec) {
        GuestFiles files = new GuestFiles(spec.directory());
        try {
            Files.deleteIfExists(files.memory());
            if (Files.deleteIfExists(files.base())) {
                // Another file: threads of a QEMU that is being ended may hold the lock of the old one for a moment
                // longer.
                Files.deleteIfExists(files.disk());
                Overlay.make(spec, files.disk());
            }
        } catch (IOException failed) {
            throw trouble(spec, failed);
        }
    }

    /** From now on, also after a power cut, what is on the disk counts. */
    static void used(GuestSpec spec) {
        GuestFiles files = new GuestFiles(spec.directory());
        try {
            if (Files.deleteIfExists(files.unused())) {
                DurableFile.syncDirectory(files.directory());
            }
        } catch (IOException failed) {
            throw trouble(spec, failed);
        }
    }

    private static CommandFailed trouble(GuestSpec spec, IOException failed) {
        return new CommandFailed(
                Reason.FAILED,
                "the disk of " + spec.id() + " cannot be made ready: " + failed,
                "may the controller's user write to " + spec.directory() + "?",
                failed);
    }

    /** Refuses to start on a disk that is gone, or on a template's disk that is not the one it was made from. */
    static void check(GuestSpec spec) {
        GuestFiles files = new GuestFiles(spec.directory());
        if (!Files.isReadable(files.disk())) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "the disk of " + spec.id() + " is gone: " + files.disk() + " cannot be read",
                    "`kvm-cloud delete " + spec.id() + "` removes what is left of the instance");
        }
        Backing now = backing(spec);
        Backing then;
        try {
            then = Backing.read(files.backing());
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "it cannot be told what the disk of " + spec.id() + " stands on: " + unreadable,
                    "`kvm-cloud delete " + spec.id() + "` removes the instance",
                    unreadable);
        }
        if (!then.same(now)) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "the template " + now.template() + " has changed since " + spec.id() + " was made from it: "
                            + now.disk() + " is " + now.describe() + ", and was " + then.describe(),
                    "put the old file back (and give the new template another name), or `kvm-cloud delete " + spec.id()
                            + "`");
        }
    }

    private static Backing backing(GuestSpec spec) {
        try {
            return Backing.of(spec.template());
        } catch (IOException unreadable) {
            boolean gone = unreadable instanceof NoSuchFileException;
            throw new CommandFailed(
                    Reason.FAILED,
                    "the template " + spec.template().name() + " is damaged: its disk "
                            + spec.template().disk() + (gone ? " is gone" : " cannot be read: " + unreadable),
                    "put the file back, on the controller's host",
                    unreadable);
        }
    }

    /** @param complaint what a write said when it failed, or empty before anything was written */
    private static void requireSpace(Path directory, long needed, String complaint) {
        // Not Files.getFileStore, which wants to find the mount point: a chroot may have none.
        long free = directory.toFile().getUsableSpace();
        if (free < needed || complaint.contains("No space left")) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "the disk is full: " + directory + " has " + free / 1024 + " KiB left, a new instance needs "
                            + Math.max(needed, NEEDED) / 1024 + " KiB",
                    "make room on the controller's host, or delete instances with `kvm-cloud delete ID`");
        }
    }

    /** For our user's eyes only. */
    private static void writeSecret(Path file, byte[] bytes) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, bytes);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException kept) {
            // What made us clean up is what people need to read.
        }
    }
}
