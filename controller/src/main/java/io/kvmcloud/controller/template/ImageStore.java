package io.kvmcloud.controller.template;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.Leftover;
import io.kvmcloud.messages.Leftover.Kind;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Sha256;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Images by their SHA-256, each once. A template's files are hard links to them, so the file system counts who needs one: an
 * image with one link is needed by nobody.
 */
final class ImageStore {

    private static final String PART = ".part";
    private static final String TAG = ".tag";

    private final Path root;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final Map<String, ReentrantLock> fetching = new ConcurrentHashMap<>();

    /** @param root on the file system of the templates; made when it is needed */
    ImageStore(Path root) {
        this.root = root;
    }

    /** Where an image of this digest is, if it is there. */
    Path path(String sha256) {
        return root.resolve(sha256);
    }

    /**
     * Returns the digest of an image that is there now. Two who want the same one at a time fetch it once.
     *
     * @param arrival is told how much of it has come
     * @throws CommandFailed that says why it cannot be had
     */
    String fetch(Image image, Arrival arrival) {
        String key = image.sha256().isEmpty() ? "url-" + Sha256.of(image.url()) : image.sha256();
        ReentrantLock lock = fetching.computeIfAbsent(key, _ -> new ReentrantLock());
        lock.lock();
        try {
            Files.createDirectories(root);
            if (!image.sha256().isEmpty() && isSound(image.sha256())) {
                return image.sha256();
            }
            return download(image, key, arrival);
        } catch (ConnectException refused) {
            throw failed(
                    Reason.UNREACHABLE,
                    image,
                    "nobody can be reached there from this host",
                    "an image on your own machine needs --serve-address where the controllers reach you");
        } catch (Download.Hopeless hopeless) {
            throw failed(Reason.FAILED, image, String.valueOf(hopeless.getMessage()), hopeless.hint());
        } catch (IOException broken) {
            throw failed(
                    Reason.FAILED, image, String.valueOf(broken.getMessage()), "the same import again goes on with it");
        } finally {
            lock.unlock();
        }
    }

    private boolean isSound(String sha256) throws IOException {
        Path there = path(sha256);
        if (!Files.exists(there)) {
            return false;
        }
        if (Sha256.of(there).equals(sha256)) {
            return true;
        }
        Files.delete(there);
        return false;
    }

    private String download(Image image, String key, Arrival arrival) throws IOException {
        Path part = root.resolve(key + PART);
        Path tag = image.sha256().isEmpty() ? root.resolve(key + TAG) : null;
        boolean begun = Files.exists(part);
        new Download(client, URI.create(image.url()), part, tag, arrival).run();
        String found = Sha256.of(part);
        if (!image.sha256().isEmpty() && !found.equals(image.sha256())) {
            Files.delete(part);
            if (begun) {
                return download(image, key, arrival); // what an earlier life left may have been of something else
            }
            throw failed(
                    Reason.REFUSED, image, "its sha256 is " + found + ", not " + image.sha256(), "check the digest");
        }
        requireSound(image, part);
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--------"));
        DurableFile.move(part, path(found));
        if (tag != null) {
            Files.deleteIfExists(tag);
        }
        arrival.ends();
        return found;
    }

    private static void requireSound(Image image, Path part) throws IOException {
        List<String> mistakes = new ArrayList<>();
        switch (image.role()) {
            case DISK, ROOTFS -> DiskImage.format(part, mistakes::add);
            case KERNEL, INITRD -> {
                if (Files.size(part) == 0) {
                    mistakes.add("is empty");
                }
            }
        }
        if (!mistakes.isEmpty()) {
            Files.delete(part);
            throw failed(Reason.REFUSED, image, "it " + String.join("; it ", mistakes), "");
        }
    }

    /** What nobody needs; only while nothing is being imported. */
    List<Leftover> leftovers() throws IOException {
        List<Leftover> leftovers = new ArrayList<>();
        for (Path file : files()) {
            String name = file.getFileName().toString();
            if (name.endsWith(PART)) {
                leftovers.add(new Leftover(Kind.IMPORT, name.replace(PART, ""), Files.size(file)));
            } else if (!name.endsWith(TAG) && isUnneeded(file)) {
                leftovers.add(new Leftover(Kind.IMAGE, name, Files.size(file)));
            }
        }
        return leftovers;
    }

    /** Removes them. */
    void clear() throws IOException {
        for (Path file : files()) {
            String name = file.getFileName().toString();
            if (name.endsWith(PART) || name.endsWith(TAG) || isUnneeded(file)) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Bytes of images that nobody needs. */
    long unneeded() throws IOException {
        long bytes = 0;
        for (Leftover leftover : leftovers()) {
            bytes += leftover.kind() == Kind.IMAGE ? leftover.bytes() : 0;
        }
        return bytes;
    }

    private List<Path> files() throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(root)) {
            return all.sorted().toList();
        }
    }

    private static boolean isUnneeded(Path image) throws IOException {
        return ((Number) Files.getAttribute(image, "unix:nlink")).intValue() == 1;
    }

    private static CommandFailed failed(Reason reason, Image image, String why, String hint) {
        String what = image.role().name().toLowerCase(Locale.ROOT);
        return new CommandFailed(reason, "the " + what + " " + image.url() + " cannot be used: " + why, hint);
    }
}
