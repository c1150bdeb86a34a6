package io.kvmcloud.controller.template;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.Command.ImportTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.ImportProgress;
import io.kvmcloud.messages.Leftover;
import io.kvmcloud.messages.Leftover.Kind;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/**
 * The templates of this host that came by command. A directory each, made under a name with a dot, of hard links into the
 * store, and renamed when it is whole; renamed back to one with a dot before it is removed. Thread-safe.
 */
public final class ImportedTemplates {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String NEW = ".new";
    private static final String GONE = ".gone";

    private final Path root;
    private final Templates templates;
    private final ImageStore store;
    /** Read: something is being imported. Write: what nobody needs is looked for. */
    private final ReadWriteLock imports = new ReentrantReadWriteLock();

    private final Queue<Arrival> coming = new ConcurrentLinkedQueue<>();

    /**
     * @param root one of the directories of {@code templates}; may not exist yet
     * @param templates all there are on this host
     */
    public ImportedTemplates(Path root, Templates templates) {
        this.root = root;
        this.templates = templates;
        this.store = new ImageStore(root.resolve(".store"));
    }

    /**
     * Makes a template, and fetches what is not here; may take long.
     *
     * @return whether it is new
     * @throws CommandFailed when one of that name is there with other files, an image cannot be had or used, or the disk is
     *     full; what was there is there as it was
     */
    public boolean make(ImportTemplate wanted) {
        String name = wanted.template();
        Arrival arrival = new Arrival(name);
        imports.readLock().lock();
        coming.add(arrival);
        try {
            if (wanted.images().stream().noneMatch(image -> image.sha256().isEmpty())
                    && isThere(wanted, digests(wanted))) {
                return false;
            }
            requireName(name);
            Map<Image, String> fetched = new LinkedHashMap<>();
            for (Image image : wanted.images()) {
                fetched.put(image, store.fetch(image, arrival));
            }
            return publish(wanted, fetched);
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "template " + name + " cannot be put into " + root + ": " + failed,
                    "look at the disk of its host: `df`",
                    failed);
        } finally {
            coming.remove(arrival);
            imports.readLock().unlock();
        }
    }

    /** What is being fetched, and how much of it is there. */
    public List<ImportProgress> progress() {
        return coming.stream().map(Arrival::progress).toList();
    }

    private static Map<Image, String> digests(ImportTemplate wanted) {
        Map<Image, String> digests = new LinkedHashMap<>();
        wanted.images().forEach(image -> digests.put(image, image.sha256()));
        return digests;
    }

    /** What somebody put into a directory of this host is not ours to change. */
    private void requireName(String name) {
        boolean ours = Files.exists(root.resolve(name));
        if (!ours && templates.knows(name)) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "template " + name + " is there already, put into a template directory of this host",
                    "choose another name, or remove it there");
        }
    }

    private synchronized boolean publish(ImportTemplate wanted, Map<Image, String> images) throws IOException {
        String name = wanted.template();
        if (isThere(wanted, images)) {
            return false;
        }
        Path place = root.resolve(name);
        if (Files.exists(place) && !describe(wanted, images).equals(description(place))) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "template " + name + " is there already, of other files or with other settings",
                    "choose another name, or `kvm-cloud template rm " + name + "` first");
        }
        Path fresh = root.resolve("." + name + NEW);
        DurableFile.deleteTree(fresh);
        Files.createDirectories(fresh);
        for (Map.Entry<Image, String> image : images.entrySet()) {
            Files.createLink(fresh.resolve(fileName(image.getKey())), store.path(image.getValue()));
        }
        byte[] description = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(describe(wanted, images));
        DurableFile.write(fresh.resolve(TemplateRoom.FILE), description);
        requireUsable(name, fresh, known(fresh, images));
        removeFiles(name); // a damaged one of the same files: whoever stands on it gets what it was made on
        DurableFile.move(fresh, place);
        templates.reread(known(place, images));
        return true;
    }

    /** The store has read them through. */
    private static Checksums known(Path directory, Map<Image, String> images) throws IOException {
        Checksums known = Checksums.fresh();
        Path real = directory.toRealPath();
        images.forEach((image, sha256) -> known.remember(real.resolve(fileName(image)), sha256));
        return known;
    }

    private static void requireUsable(String name, Path fresh, Checksums known) throws IOException {
        // Under its own name, which it has not yet; the mistakes are about all the rest.
        if (new TemplateReader(fresh, known).named(name).read() instanceof TemplateReader.Wrong(var mistakes)) {
            DurableFile.deleteTree(fresh);
            throw new CommandFailed(
                    Reason.REFUSED,
                    "these make no template " + name + ":\n  "
                            + String.join("\n  ", mistakes).replace(fresh + "/", ""),
                    "templates/README.md has the rules");
        }
    }

    /** Whether just this is offered. */
    private boolean isThere(ImportTemplate wanted, Map<Image, String> images) throws IOException {
        Path place = root.resolve(wanted.template());
        return Files.exists(place)
                && templates.offers(wanted.template())
                && describe(wanted, images).equals(description(place));
    }

    private static ObjectNode description(Path template) {
        try {
            return (ObjectNode) JSON.readTree(Files.readAllBytes(template.resolve(TemplateRoom.FILE)));
        } catch (IOException | ClassCastException damaged) {
            return JSON.createObjectNode();
        }
    }

    private static ObjectNode describe(ImportTemplate wanted, Map<Image, String> images) {
        ObjectNode description = JSON.createObjectNode().put("name", wanted.template());
        putGiven(description, "description", wanted.description());
        putGiven(description, "commandLine", wanted.commandLine());
        images.keySet().forEach(image -> description.put(field(image), fileName(image)));
        if (!wanted.login().isEmpty()) {
            description.putObject("login").put("user", wanted.login());
        }
        description
                .put("minimumMemory", wanted.minimumMemory().mebibytes() + "M")
                .put("seed", wanted.seed());
        ObjectNode sums = description.putObject("sha256");
        images.forEach((image, sha256) -> sums.put(fileName(image), sha256));
        return description;
    }

    private static void putGiven(ObjectNode description, String field, String value) {
        if (!value.isEmpty()) {
            description.put(field, value);
        }
    }

    private static String field(Image image) {
        return image.role().name().toLowerCase(Locale.ROOT);
    }

    private static String fileName(Image image) {
        return switch (image.role()) {
            case DISK -> "disk.img";
            case ROOTFS -> "rootfs.img";
            case KERNEL -> "vmlinuz";
            case INITRD -> "initrd.img";
        };
    }

    /** Whether there is one of this name that was imported. */
    public boolean has(String name) {
        return Files.exists(root.resolve(name));
    }

    /**
     * Takes a template away; its images stay in the store.
     *
     * @throws CommandFailed when it cannot be removed
     */
    public synchronized void remove(String name) {
        try {
            removeFiles(name);
        } catch (IOException stuck) {
            throw new CommandFailed(
                    Reason.FAILED, "template " + name + " cannot be removed: " + stuck, "look at " + root, stuck);
        }
        templates.reread();
    }

    /** Bytes of images that no template needs any more. */
    public long unneeded() {
        try {
            return store.unneeded();
        } catch (IOException unreadable) {
            return 0;
        }
    }

    private void removeFiles(String name) throws IOException {
        Path place = root.resolve(name);
        Path gone = root.resolve("." + name + GONE);
        if (Files.exists(place)) {
            DurableFile.deleteTree(gone);
            DurableFile.move(place, gone);
        }
        DurableFile.deleteTree(gone);
    }

    /**
     * What no template needs.
     *
     * @param dryRun whether it is only told, and stays
     * @throws CommandFailed while something is being imported
     */
    public List<Leftover> tidy(boolean dryRun) {
        if (!imports.writeLock().tryLock()) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "a template is being imported: what it needs cannot be told from what nobody does",
                    "ask again when it is done");
        }
        try {
            List<Leftover> leftovers = new ArrayList<>(store.leftovers());
            List<Path> begun = begun();
            for (Path directory : begun) {
                String name = directory.getFileName().toString().substring(1).replaceFirst("\\.(new|gone)$", "");
                leftovers.add(new Leftover(Kind.IMPORT, name, ownBytes(directory)));
            }
            if (!dryRun) {
                for (Path directory : begun) {
                    DurableFile.deleteTree(directory);
                }
                store.clear();
            }
            return leftovers;
        } catch (IOException stuck) {
            throw new CommandFailed(Reason.FAILED, root + " cannot be tidied: " + stuck, "look at it", stuck);
        } finally {
            imports.writeLock().unlock();
        }
    }

    private List<Path> begun() throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(root)) {
            return all.filter(each -> each.getFileName().toString().matches("\\..*\\.(new|gone)"))
                    .sorted()
                    .toList();
        }
    }

    /** Of what is in no store and no template. */
    private static long ownBytes(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                int links = ((Number) Files.getAttribute(file, "unix:nlink")).intValue();
                bytes += links == 1 ? Files.size(file) : 0;
            }
        }
        return bytes;
    }
}
