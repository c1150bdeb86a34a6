package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.UserData;
import io.kvmcloud.messages.WarmView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A hypervisor of a few lines: guests are objects, and it can be told to misbehave. */
final class FakeHypervisor implements Hypervisor {

    /** What is wrong with the disks, or empty. */
    String damage = "";

    /** Guests by the machine's uuid; they outlive the controller, as QEMU does. */
    final Map<UUID, FakeGuest> running = new ConcurrentHashMap<>();

    final Set<Integer> takenPorts = new HashSet<>();
    final List<Path> reaped = new CopyOnWriteArrayList<>();
    final List<FakeClaim> claims = new CopyOnWriteArrayList<>();
    String startFailure = "";
    String forwardFailure = "";
    boolean diskFull;
    final List<String> cooled = new ArrayList<>();
    final CompletableFuture<Warmed> warmed = new CompletableFuture<>();
    volatile boolean obedient = true;
    volatile Duration silence = Duration.ZERO;

    /** Starts wait for it when it is there. */
    volatile @Nullable CountDownLatch slow;

    /** A process that an earlier life left. */
    record FakeClaim(Path directory, long pid, AtomicInteger ended) implements Claim {
        FakeClaim(Path directory, long pid) {
            this(directory, pid, new AtomicInteger());
        }

        @Override
        public void end() {
            ended.incrementAndGet();
        }
    }

    final class FakeGuest implements Guest {
        final UUID uuid;
        final int port;
        final AtomicInteger asked = new AtomicInteger();
        final AtomicInteger trimmed = new AtomicInteger();
        final CompletableFuture<String> ended = new CompletableFuture<>();
        volatile boolean paused;
        volatile Instant started = Instant.EPOCH;
        final Set<Forward> forwards = ConcurrentHashMap.newKeySet();
        final List<String> typed = new CopyOnWriteArrayList<>();
        boolean released;

        FakeGuest(UUID uuid, int port) {
            this.uuid = uuid;
            this.port = port;
        }

        void end(String how) {
            running.remove(uuid);
            ended.complete(how);
        }

        @Override
        public long pid() {
            return 4711;
        }

        @Override
        public Instant started() {
            return started;
        }

        @Override
        public void pause() {
            paused = true;
        }

        @Override
        public void resume() {
            paused = false;
        }

        @Override
        public boolean paused() {
            return paused;
        }

        @Override
        public int sshPort() {
            return port;
        }

        @Override
        public BootReport boot() {
            return BootReport.cold(1, "");
        }

        @Override
        public CompletableFuture<String> ended() {
            return ended;
        }

        @Override
        public void powerdown() {
            asked.incrementAndGet();
            if (obedient) {
                end("the guest powered off");
            }
        }

        @Override
        public void trimLog() {
            trimmed.incrementAndGet();
        }

        @Override
        public CompletableFuture<Void> type(String text) {
            typed.add(text);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void forward(Forward forward) {
            if (!forwardFailure.isEmpty()) {
                throw new CommandFailed(Reason.REFUSED, forwardFailure, "");
            }
            forwards.add(forward);
        }

        @Override
        public void unforward(Forward forward) {
            forwards.remove(forward);
        }

        @Override
        public void assure(List<Forward> all) {
            forwards.addAll(all);
        }

        @Override
        public Duration silence() {
            return silence;
        }

        @Override
        public void kill() {
            end("killed");
        }

        @Override
        public void release() {
            released = true;
        }
    }

    @Override
    public void prepare(GuestSpec spec, List<String> sshKeys, UserData userData) {
        if (diskFull) {
            throw new CommandFailed(Reason.FAILED, "disk full", "");
        }
        try {
            Files.writeString(spec.directory().resolve("disk"), "overlay");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public Guest start(GuestSpec spec) throws PortTaken {
        CountDownLatch wait = slow;
        if (wait != null) {
            try {
                wait.await();
            } catch (InterruptedException _) {
                throw new CommandFailed(Reason.FAILED, "the start was interrupted", "");
            }
        }
        if (takenPorts.contains(spec.sshPort())) {
            throw new PortTaken(Ports.ssh(spec.sshPort()));
        }
        for (Forward forward : spec.forwards()) {
            if (takenPorts.contains(forward.host())) {
                throw new PortTaken(forward.port());
            }
        }
        if (!startFailure.isEmpty()) {
            throw new CommandFailed(Reason.FAILED, startFailure, "");
        }
        FakeGuest guest = new FakeGuest(spec.uuid(), spec.sshPort());
        guest.assure(spec.forwards());
        running.put(spec.uuid(), guest);
        return guest;
    }

    @Override
    public CompletableFuture<Warmed> warm(GuestSpec like) {
        return warmed;
    }

    @Override
    public void check(GuestSpec spec) {
        if (!damage.isEmpty()) {
            throw new CommandFailed(Reason.FAILED, damage, "put it back");
        }
    }

    @Override
    public void cool(String template) {
        cooled.add(template);
    }

    @Override
    public List<WarmView> warm() {
        return List.of();
    }

    @Override
    public Optional<Guest> adopt(Path directory, UUID uuid, int sshPort) {
        return Optional.ofNullable(running.get(uuid));
    }

    @Override
    public void reap(Path directory) {
        reaped.add(directory);
    }

    @Override
    public List<Claim> claims(Path root) {
        return List.copyOf(claims);
    }

    @Override
    public Path consoleLog(Path directory) {
        return directory.resolve("serial.log");
    }

    FakeGuest only() {
        return running.values().iterator().next();
    }
}
