package io.kvmcloud.controller.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Files and directories that are there whole or not at all, also after a power cut. */
public final class DurableFile {

    private DurableFile() {}

    /**
     * Replaces a file: written beside it, synced, renamed, and the directory synced.
     *
     * @throws IOException when the disk is full or not writable; the old content is then still there
     */
    public static void write(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException full) {
            Files.deleteIfExists(fresh);
            throw full;
        }
        move(fresh, file);
    }

    /** Renames a file or directory within its directory, durably and atomically. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(Objects.requireNonNull(to.getParent()));
    }

    /** Makes what was created, renamed or removed in a directory durable. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Makes all the files of a directory durable, and that they are there. */
    public static void syncFiles(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, Files::isRegularFile)) {
            for (Path file : files) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                    channel.force(true);
                } catch (NoSuchFileException _) {
                    // Some live only for a moment.
                }
            }
        }
        syncDirectory(directory);
    }

    /**
     * Makes everything durable that was written to the file system of this directory, in one go (syncfs(2)). It takes as long
     * as others have much to write.
     */
    public static void syncFileSystem(Path directory) throws IOException {
        Process sync = new ProcessBuilder("sync", "-f", directory.toString())
                .redirectErrorStream(true)
                .start();
        try {
            String complaint = new String(sync.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (sync.waitFor() != 0) {
                throw new IOException(complaint);
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + directory + " was synced", asked);
        }
    }

    /** Removes a directory with all that is in it; harmless when it is gone. Never follows a link. */
    public static void deleteTree(Path directory) throws IOException {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
                    if (failed instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failed;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failed)
                        throws IOException {
                    if (failed != null) {
                        throw failed;
                    }
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException _) {
            // Gone already.
        }
    }
}
