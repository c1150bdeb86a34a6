package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.instance.Hypervisor.Warmed;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.WarmView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guests that have booted, stopped short of an identity and were put away to be copied: one for each size of a template's
 * guests that is in use, made in the background after the first boot, the longest unused one removed when room is needed.
 *
 * <p>A directory each, {@code TEMPLATE-MEMORYM-CPUS}, that appears whole or not at all. An instance takes hard links: what
 * happens to the cache later, even that somebody deletes it, is nothing to it. Thread-safe.
 */
public final class WarmStates implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmStates.class);
    private static final int MOST_FAILURES = 3;

    private final Path root;
    private final long limit;
    private final Accelerator accelerator;
    private final QemuVersion version = new QemuVersion();
    /** Read: a state is being taken. Write: one is being put in its place or removed. */
    private final ReadWriteLock shelf = new ReentrantReadWriteLock();

    private final LinkedBlockingQueue<GuestSpec> wanted = new LinkedBlockingQueue<>();
    private final Map<String, CompletableFuture<Warmed>> inTheMaking = new ConcurrentHashMap<>();
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final Thread maker;
    private volatile Runnable listener = () -> {};

    /** What there is for an instance. */
    sealed interface Taken {}

    /** Its memory and disk are linked into the instance's directory; the rest is this. */
    record Copy(WarmShape shape, byte[] state, Duration uptime, Set<String> takes) implements Taken {}

    /** Nothing, and why, for people; empty when nobody expects anything else. */
    record None(String why) implements Taken {}

    private WarmStates(Path root, long limit, Accelerator accelerator) {
        this.root = root;
        this.limit = limit;
        this.accelerator = accelerator;
        this.maker = Thread.ofPlatform().daemon().name("warm states").unstarted(this::make);
    }

    /**
     * Takes the directory, and ends what a controller that died has left in it.
     *
     * @param directory on the file system of the instances; made when it is not there
     * @param limit bytes that all states together may have; none are made when the smallest does not fit
     */
    public static WarmStates open(Path directory, long limit, Accelerator accelerator) throws IOException {
        Files.createDirectories(directory);
        WarmStates states = new WarmStates(directory.toRealPath(), limit, accelerator);
        WarmMaker.clear(states.root);
        states.maker.start();
        return states;
    }

    /** Keeps none, for guests that all boot. */
    static WarmStates none() {
        return new WarmStates(Path.of(""), 0, new Accelerator(Accelerator.Kind.TCG, ""));
    }

    /** Tells it from now on when there is one more, or one less. */
    public void listen(Runnable changed) {
        listener = changed;
    }

    /** Those there are, by name. */
    List<WarmView> views() {
        shelf.readLock().lock();
        try {
            List<WarmView> views = new ArrayList<>();
            for (Path directory : states()) {
                WarmState state = new WarmState(directory);
                WarmShape shape = WarmShape.read(state.shape());
                views.add(new WarmView(
                        shape.template(), MemorySize.ofMebibytes(shape.memory()), shape.cpus(), state.bytes()));
            }
            views.sort(Comparator.comparing(WarmView::template)
                    .thenComparing(WarmView::memory)
                    .thenComparingInt(WarmView::cpus));
            return views;
        } catch (IOException none) {
            LOG.warn("{} cannot be read: {}", root, none.toString());
            return List.of();
        } finally {
            shelf.readLock().unlock();
        }
    }

    /** Links what a copy needs into the instance's directory, if there is a state of just this shape. */
    Taken take(GuestSpec spec) {
        if (spec.template().warmDigest().isEmpty() || limit == 0) {
            return new None("");
        }
        WarmShape wish = shape(spec);
        WarmState state = new WarmState(root.resolve(wish.name()));
        GuestFiles files = new GuestFiles(spec.directory());
        shelf.readLock().lock();
        try {
            if (!Files.exists(state.shape())) {
                return new None(none(wish, spec));
            }
            String unlike = wish.unlike(WarmShape.read(state.shape()));
            if (!unlike.isEmpty()) {
                return new None(unlike);
            }
            Set<String> takes =
                    Set.copyOf(List.of(Files.readString(state.takes()).split(" ")));
            if (Files.exists(files.userData()) && !takes.contains(Identity.USER_DATA)) {
                return new None("user-data is read while booting");
            }
            byte[] bytes = Files.readAllBytes(state.state());
            Duration uptime = Duration.ofMillis(Long.parseLong(Files.readString(state.uptime())));
            Files.createLink(files.memory(), state.memory());
            Files.createLink(files.base(), state.disk());
            Files.setLastModifiedTime(state.shape(), FileTime.from(Instant.now()));
            return new Copy(wish, bytes, uptime, takes);
        } catch (IOException | NumberFormatException damaged) {
            LOG.warn("the warm state {} cannot be used: {}", state.directory(), damaged.toString());
            GuestDisks.renew(spec);
            return new None("the warm state cannot be read: " + damaged);
        } finally {
            shelf.readLock().unlock();
        }
    }

    private String none(WarmShape wish, GuestSpec spec) {
        if (failures.getOrDefault(wish.name(), 0) >= MOST_FAILURES) {
            return "its warm state failed " + MOST_FAILURES + " times";
        }
        return bytes(spec) > limit ? "no room for a warm state" : "no warm state yet";
    }

    /** Somebody booted a guest of this shape: the next one shall be a copy. Returns at once. */
    void want(GuestSpec spec) {
        if (spec.template().warmDigest().isEmpty() || bytes(spec) > limit) {
            return;
        }
        String name = shape(spec).name();
        if (failures.getOrDefault(name, 0) < MOST_FAILURES) {
            var _ = order(name, spec);
        }
    }

    private CompletableFuture<Warmed> order(String name, GuestSpec spec) {
        return inTheMaking.computeIfAbsent(name, _ -> {
            wanted.add(spec);
            return new CompletableFuture<>();
        });
    }

    /**
     * Somebody asks for it, also after failures.
     *
     * @return completes when it is there; exceptionally with {@link CommandFailed} when it will not be
     */
    CompletableFuture<Warmed> prepare(GuestSpec spec) {
        String template = spec.template().name();
        if (spec.template().warmDigest().isEmpty()) {
            return CompletableFuture.failedFuture(new CommandFailed(
                    Reason.REFUSED,
                    "the template " + template + " does not say \"warm\": true: its guests cannot be copied",
                    "templates/README.md, \"Copies\", tells what a guest does for that"));
        }
        if (bytes(spec) > limit) {
            return CompletableFuture.failedFuture(new CommandFailed(
                    Reason.REFUSED,
                    "a guest of " + spec.memory() + " is too large to be kept: " + (limit >> 20) + " MiB are for all",
                    "ask for less memory, or start the controller with a larger --warm-cache"));
        }
        WarmShape wish = shape(spec);
        failures.remove(wish.name());
        try {
            WarmState there = new WarmState(root.resolve(wish.name()));
            if (Files.exists(there.shape()) && wish.equals(WarmShape.read(there.shape()))) {
                return CompletableFuture.completedFuture(new Warmed(0, there.bytes()));
            }
        } catch (IOException unreadable) {
            LOG.warn("the warm state {} is made again: {}", wish.name(), unreadable.toString());
        }
        return order(wish.name(), spec);
    }

    /** A copy of it did not come to life. */
    void bad(WarmShape shape) {
        failures.merge(shape.name(), 1, Integer::sum);
        remove(root.resolve(shape.name()));
        listener.run();
    }

    /** Removes those of a template. */
    void forget(String template) {
        shelf.writeLock().lock();
        try {
            for (Path directory : states()) {
                if (WarmShape.read(new WarmState(directory).shape()).template().equals(template)) {
                    remove(directory);
                }
            }
        } catch (IOException unreadable) {
            LOG.warn("{} cannot be read: {}", root, unreadable.toString());
        } finally {
            shelf.writeLock().unlock();
        }
        listener.run();
    }

    /** Ends what is being made. */
    @Override
    public void close() {
        maker.interrupt();
        try {
            maker.join();
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    private static long bytes(GuestSpec spec) {
        return spec.memory().mebibytes() << 20;
    }

    private WarmShape shape(GuestSpec spec) {
        return WarmShape.of(spec, accelerator.kind(), version.current());
    }

    private void make() {
        try {
            while (true) {
                GuestSpec spec = wanted.take();
                WarmShape shape = shape(spec);
                try {
                    long start = System.nanoTime();
                    WarmState made = new WarmMaker(root, spec, shape, accelerator.kind()).make();
                    long bytes = made.bytes();
                    put(made, shape);
                    int millis = (int) ((System.nanoTime() - start) / 1_000_000);
                    LOG.info("warm state {} made in {} ms", shape.name(), millis);
                    done(shape).complete(new Warmed(millis, bytes));
                } catch (IOException | RuntimeException failed) {
                    failures.merge(shape.name(), 1, Integer::sum);
                    LOG.warn("no warm state {}: {}", shape.name(), failed.getMessage());
                    done(shape).completeExceptionally(failure(spec, failed));
                } finally {
                    boolean closing = Thread.interrupted();
                    WarmMaker.clear(root);
                    if (closing) {
                        Thread.currentThread().interrupt();
                    }
                }
            }
        } catch (InterruptedException closing) {
            // Nobody wants any more.
        } catch (IOException stuck) {
            LOG.error("no more warm states are made", stuck);
        }
    }

    /** Whoever wants one from now on gets another. */
    private CompletableFuture<Warmed> done(WarmShape shape) {
        CompletableFuture<Warmed> waiting = inTheMaking.remove(shape.name());
        return waiting == null ? new CompletableFuture<>() : waiting;
    }

    private static CommandFailed failure(GuestSpec spec, Exception failed) {
        return new CommandFailed(
                Reason.FAILED,
                "no guest of template " + spec.template().name() + " can be kept to be copied: " + failed.getMessage(),
                "its instances boot; the controller's log has more");
    }

    /** The old one is out of the way before the new one is in its place: a crash leaves one of them, or none. */
    private void put(WarmState made, WarmShape shape) throws IOException {
        shelf.writeLock().lock();
        try {
            Path place = root.resolve(shape.name());
            remove(place);
            makeRoom(made.bytes());
            DurableFile.move(made.directory(), place);
        } finally {
            shelf.writeLock().unlock();
        }
        listener.run();
    }

    private void makeRoom(long needed) throws IOException {
        Map<Path, FileTime> used = new HashMap<>();
        long total = needed;
        for (Path directory : states()) {
            WarmState state = new WarmState(directory);
            total += state.bytes();
            used.put(directory, Files.getLastModifiedTime(state.shape()));
        }
        List<Path> oldestFirst =
                used.keySet().stream().sorted(Comparator.comparing(used::get)).toList();
        for (Path oldest : oldestFirst) {
            if (total <= limit) {
                return;
            }
            total -= new WarmState(oldest).bytes();
            LOG.info("warm state {} makes room", oldest.getFileName());
            remove(oldest);
        }
    }

    private List<Path> states() throws IOException {
        try (Stream<Path> all = Files.list(root)) {
            return all.filter(directory -> Files.exists(new WarmState(directory).shape()))
                    .filter(directory -> !directory.getFileName().toString().startsWith("."))
                    .toList();
        }
    }

    private void remove(Path directory) {
        shelf.writeLock().lock();
        try {
            // What says that it is one goes first.
            Files.deleteIfExists(new WarmState(directory).shape());
            DurableFile.deleteTree(directory);
        } catch (IOException stuck) {
            LOG.warn("cannot remove the warm state {}: {}", directory, stuck.toString());
        } finally {
            shelf.writeLock().unlock();
        }
    }
}
