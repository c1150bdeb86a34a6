package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * A directory of ours: made for its owner alone, changed by one process at a time, each file replaced as a whole.
 *
 * @param path it need not exist yet
 */
record Home(Path path) {

    /** Work on files. */
    interface Work<T> {
        T run() throws IOException;
    }

    /** Where this user's state is: KVM_CLOUD_HOME, or kvm-cloud in the XDG state directory. */
    static Home of(Map<String, String> environment) {
        String named = environment.getOrDefault("KVM_CLOUD_HOME", "");
        if (!named.isEmpty()) {
            return new Home(Path.of(named).toAbsolutePath());
        }
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        // The XDG specification: a relative path there is invalid and ignored.
        Path base =
                state.startsWith("/") ? Path.of(state) : userHome(environment).resolve(".local/state");
        return new Home(base.resolve("kvm-cloud"));
    }

    /** The user's own home directory. */
    static Path userHome(Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", "");
        return Path.of(home.isEmpty() ? System.getProperty("user.home") : home);
    }

    /** A directory in it. */
    Home directory(String name) {
        return new Home(path.resolve(name));
    }

    /** Makes the directory when it is missing and works in it while no other process does. */
    <T> T locked(Work<T> work) {
        try {
            make();
            // The file's lock is for other processes and the monitor for our own threads, which may not wait for a
            // file's.
            synchronized (Home.class) {
                try (FileChannel lock = FileChannel.open(
                                path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock _ = lock.lock()) {
                    return work.run();
                }
            }
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "cannot work in " + path + ": " + Text.why(failed),
                    "it must be a directory you may write to, on a disk with room left",
                    failed);
        }
    }

    /** Makes the directory, 0700 like its missing parents; one that is there stays as it is. */
    void make() throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Writes a file that is there whole or not at all, also after a crash. */
    void write(String name, String text, String permissions) throws IOException {
        Path fresh = Files.createTempFile(path, "." + name, ".new");
        try {
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(permissions));
            try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                file.force(true);
            }
            Files.move(fresh, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** The text of a file without the line's end; empty when there is no such file. */
    String read(String name) throws IOException {
        Path file = path.resolve(name);
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                ? Files.readString(file).strip()
                : "";
    }
}
