package io.kvmcloud.controller.disk;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that holds all a controller knows: {@code journal}, {@code draining}, {@code instances/NUMBER/…}. One controller has it at a
 * time; the lock goes with the process, however that ends.
 */
public final class WorkDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkDirectory.class);

    private final Path root;
    private final FileChannel lockFile;

    private WorkDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory if need be (readable by its owner only) and takes it.
     *
     * @throws CommandFailed when it cannot be written, or another controller has it
     */
    public static WorkDirectory open(Path directory) {
        Path root = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(
                    root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileChannel channel = FileChannel.open(
                    root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                String owner = read(channel);
                channel.close();
                throw new CommandFailed(
                        Reason.REFUSED,
                        "the working directory " + root + " is in use by another controller (pid " + owner + ")",
                        "give each controller its own --work-dir, or stop the other one");
            }
            sign(channel);
            Files.createDirectories(root.resolve("instances"));
            return new WorkDirectory(root, channel);
        } catch (IOException unusable) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "cannot use the working directory " + root + ": " + unusable,
                    "check that it can be written by this user, or give another --work-dir",
                    unusable);
        }
    }

    /** The directory itself. */
    public Path root() {
        return root;
    }

    /** Where each instance has its own directory. */
    public Path instances() {
        return root.resolve("instances");
    }

    /** Where guests are kept to be copied. */
    public Path warm() {
        return root.resolve("warm");
    }

    /** There while the controller takes no new instances. */
    public Path draining() {
        return root.resolve("draining");
    }

    /** Where imported templates are. */
    public Path templates() {
        return root.resolve("templates");
    }

    /** Where the journal is. */
    public Path journal() {
        return root.resolve("journal");
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException _) {
            // The lock goes with the process at the latest.
        }
    }

    /** For whoever comes second. A full disk is no reason not to take what is locked already. */
    private static void sign(FileChannel channel) {
        try {
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException full) {
            LOG.warn("the lock of the working directory has no name in it: {}", full.toString());
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(20);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    }
}
