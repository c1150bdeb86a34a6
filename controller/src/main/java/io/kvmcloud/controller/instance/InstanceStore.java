package io.kvmcloud.controller.instance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.kvmcloud.controller.disk.DurableFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One directory for each instance, named by its number. It is made under a name with a dot, filled and renamed, and
 * renamed back to one with a dot before it is removed: what has a dot at the start of a life is half-made or half-removed,
 * and goes. Whether a new one is on the disk is another question, see {@link Fresh}.
 */
final class InstanceStore {

    private static final Logger LOG = LoggerFactory.getLogger(InstanceStore.class);
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String RECORD = "instance.json";

    private final Path root;
    private final @Nullable Object identity;

    InstanceStore(Path root) {
        this.root = root;
        this.identity = identity(root);
    }

    /** Whether the directory of all of them is the one it was: not deleted, not under a file system that went away. */
    boolean isThere() {
        return Objects.equals(identity, identity(root));
    }

    /** False only when it is known to be gone; a disk that does not answer proves nothing. */
    boolean hasDirectory(long number) {
        return !Files.notExists(directory(number), LinkOption.NOFOLLOW_LINKS);
    }

    /** False only when it is known to be gone. */
    boolean hasRecord(long number) {
        return !Files.notExists(directory(number).resolve(RECORD));
    }

    /** Every record that can be read. */
    List<InstanceRecord> records() throws IOException {
        List<InstanceRecord> records = new ArrayList<>();
        for (Path directory : directories(false)) {
            try {
                InstanceRecord record = JSON.readValue(directory.resolve(RECORD).toFile(), InstanceRecord.class);
                if (!directory.equals(directory(record.id().number()))) {
                    throw new IOException("it says it is " + record.id());
                }
                records.add(record);
            } catch (IOException | IllegalArgumentException damaged) {
                putAside(directory, "its record cannot be read: " + damaged.getMessage());
            }
        }
        return records;
    }

    /** Directories of instances that were never finished, or were being removed. */
    List<Path> leftovers() throws IOException {
        return directories(true);
    }

    /** The directory of all of them. */
    Path root() {
        return root;
    }

    /** Where the instance's files are. */
    Path directory(long number) {
        return root.resolve(Long.toString(number));
    }

    /** A new empty directory to fill before {@link #commit}. */
    Path begin(long number) throws IOException {
        Path directory = root.resolve("." + number);
        try {
            return Files.createDirectory(directory);
        } catch (FileAlreadyExistsException leftover) {
            DurableFile.deleteTree(directory);
            return Files.createDirectory(directory);
        }
    }

    /** The instance exists from here on, as long as this machine has power. */
    void commit(InstanceRecord record) throws IOException {
        Path unfinished = root.resolve("." + record.id().number());
        Files.write(unfinished.resolve(RECORD), JSON.writeValueAsBytes(record));
        Files.move(unfinished, directory(record.id().number()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The instance is on the disk when this returns; harmless when somebody has deleted it. */
    void sync(long number) throws IOException {
        try {
            DurableFile.syncFiles(directory(number));
        } catch (NoSuchFileException _) {
            // Then that is what is to be on the disk.
        }
        DurableFile.syncDirectory(root);
    }

    /** All there is is on the disk when this returns, and whatever else others have written there. */
    void syncAll() throws IOException {
        DurableFile.syncFileSystem(root);
    }

    /** Removes what a machine that lost its power has left of an instance. */
    void discard(long number) throws IOException {
        DurableFile.deleteTree(directory(number));
        DurableFile.deleteTree(root.resolve("." + number));
    }

    /** Replaces the record of an instance that exists. */
    void update(InstanceRecord record) throws IOException {
        DurableFile.write(directory(record.id().number()).resolve(RECORD), JSON.writeValueAsBytes(record));
    }

    /** Removes the instance with all its files; harmless when it is gone. */
    void remove(long number) throws IOException {
        Path directory = directory(number);
        Path leaving = root.resolve("." + number);
        if (Files.exists(directory)) {
            DurableFile.deleteTree(leaving);
            DurableFile.move(directory, leaving);
        }
        DurableFile.deleteTree(leaving);
    }

    private List<Path> directories(boolean leftover) throws IOException {
        String form = leftover ? "\\.\\d+" : "\\d+";
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(root)) {
            for (Path one : all) {
                if (one.getFileName().toString().matches(form)) {
                    found.add(one);
                }
            }
        }
        return found;
    }

    /** Keeps the files of what is no instance any more for people; false when they cannot be moved. */
    boolean putAside(long number, String why) {
        return putAside(directory(number), why);
    }

    /** What is no instance must not stop the others. */
    private boolean putAside(Path directory, String why) {
        Path aside = root.resolve("damaged-" + directory.getFileName());
        for (int copy = 2; Files.exists(aside); copy++) {
            aside = root.resolve("damaged-" + directory.getFileName() + "-" + copy);
        }
        try {
            DurableFile.move(directory, aside);
            LOG.error("{} is not an instance any more, {}; its files are kept in {}", directory, why, aside);
            return true;
        } catch (IOException stuck) {
            LOG.error("{} is not an instance, {}; nor can it be moved to {}: {}", directory, why, aside, stuck);
            return false;
        }
    }

    private static @Nullable Object identity(Path directory) {
        try {
            return Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        } catch (IOException gone) {
            return null;
        }
    }
}
