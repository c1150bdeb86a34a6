package io.kvmcloud.bench.chaos;

import io.kvmcloud.bench.process.Broker;
import io.kvmcloud.bench.process.Part;
import io.kvmcloud.bench.process.Signals;
import io.kvmcloud.messages.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What goes wrong: chosen one after the other from the seed, every kind at least once, and mended after a random while. */
final class Faults implements AutoCloseable {

    /** Each kind, with how often it comes compared with the others. */
    enum Kind {
        KILL_MANAGER(12),
        KILL_CONTROLLER(18),
        KILL_BROKER(4),
        KILL_QEMU(14),
        KILL_CLIENT(14),
        STOP_MANAGER(5),
        STOP_CONTROLLER(7),
        STOP_BROKER(2),
        STOP_QEMU(6),
        CUT_MANAGER(8),
        CUT_CONTROLLER(8),
        CUT_CLIENT(8);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        /** Whom it hits, in the plural. */
        String target() {
            String target = name().substring(name().indexOf('_') + 1);
            return target.equals("QEMU") ? "QEMUs" : target.toLowerCase(Locale.ROOT) + "s";
        }
    }

    /** Something that was down or frozen for a while. */
    record Hurt(String what, Instant from, Instant to) {

        double seconds() {
            return Duration.between(from, to).toMillis() / 1000.0;
        }
    }

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(6);
    /** A stop that the broker notices, by two missed heartbeats, is rare. */
    private static final long VERY_LONG_STOP_MILLIS = 24_000;

    private static final long LONG_STOP_MILLIS = 9_000;

    private final Random random;
    private long longestStop;
    private final Cloud cloud;
    private final List<Client> clients;
    private final Guests guests;
    private final List<Kind> deck = new ArrayList<>();
    private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
    private final List<Outage> outages = new CopyOnWriteArrayList<>();
    private final List<Hurt> hurts = new CopyOnWriteArrayList<>();
    private final Map<String, Runnable> toMend = new ConcurrentHashMap<>();
    private final ScheduledExecutorService mender = Executors.newScheduledThreadPool(4);

    Faults(long seed, Cloud cloud, List<Client> clients, Guests guests) {
        this.random = new Random(seed);
        this.cloud = cloud;
        this.clients = clients;
        this.guests = guests;
    }

    /** Hurts for this long; then mends everything and returns. */
    void run(Duration duration) {
        Instant end = Instant.now().plus(duration);
        long pause = Math.min(LONGEST_PAUSE.toMillis(), duration.toMillis() / (Kind.values().length + 1));
        longestStop = duration.toMillis() / 3;
        while (true) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextLong(pause / 4, pause)));
            if (!Instant.now().isBefore(end)) {
                break;
            }
            Kind kind = next();
            if (inject(kind)) {
                done.merge(kind, 1, Integer::sum);
            } else {
                deck.add(kind); // its only target is down; later
            }
        }
        toMend.keySet().forEach(this::mend);
    }

    /** How often each was done. */
    Map<Kind, Integer> done() {
        return done;
    }

    /** Who was down or frozen, and when. */
    List<Hurt> hurts() {
        return hurts;
    }

    /** When a node of a cluster was down: until it was started again, from when on it takes some seconds more. */
    List<Outage> outages() {
        return cluster() ? outages : List.of();
    }

    @Override
    public void close() {
        mender.shutdownNow();
    }

    /** A shuffled deck that holds each kind as often as its weight says, with one of each on top of the first. */
    private Kind next() {
        if (deck.isEmpty()) {
            for (Kind kind : Kind.values()) {
                int targets = kind == Kind.KILL_BROKER ? cloud.broker().nodes().size() : 1;
                deck.addAll(Collections.nCopies(kind.weight * targets, kind));
            }
            Collections.shuffle(deck, random);
            if (done.isEmpty()) {
                List<Kind> each = new ArrayList<>(Arrays.asList(Kind.values()));
                Collections.shuffle(each, random);
                deck.addAll(each);
            }
        }
        return deck.removeLast();
    }

    private boolean inject(Kind kind) {
        return switch (kind) {
            case KILL_MANAGER -> kill(pick(Plan.MANAGERS));
            case KILL_CONTROLLER -> kill(pick(Plan.CONTROLLERS));
            case STOP_MANAGER -> stop(pick(Plan.MANAGERS));
            case STOP_CONTROLLER -> stop(pick(Plan.CONTROLLERS));
            case KILL_BROKER -> killBroker();
            case STOP_BROKER -> stopBroker();
            case KILL_QEMU -> killGuest();
            case STOP_QEMU -> stopGuest();
            case CUT_MANAGER -> cut(cloud.wire(pick(Plan.MANAGERS)));
            case CUT_CONTROLLER -> cut(cloud.wire(pick(Plan.CONTROLLERS)));
            case CUT_CLIENT -> cut(pick(clients).wire());
            case KILL_CLIENT -> {
                pick(clients).die();
                yield true;
            }
        };
    }

    private boolean kill(String daemon) {
        Part part = cloud.daemon(daemon);
        return hurt("killed", daemon, part::kill, part::start, random.nextLong(100, 7000));
    }

    private boolean stop(String daemon) {
        long millis = random.nextInt(10) == 0 ? VERY_LONG_STOP_MILLIS : random.nextLong(200, LONG_STOP_MILLIS);
        return stop(daemon, cloud.daemon(daemon), Math.min(millis, longestStop));
    }

    private boolean stop(String name, Part part, long millis) {
        return hurt("froze", name, part::stop, part::goOn, millis);
    }

    private boolean killBroker() {
        Broker.Node node = pick(cloud.broker().nodes());
        long millis = cluster() ? random.nextLong(2000, LONG_STOP_MILLIS) : random.nextLong(100, 3000);
        Instant[] from = new Instant[1];
        return hurtBroker(
                "killed",
                () -> {
                    from[0] = Instant.now();
                    node.part().kill();
                },
                () -> {
                    outages.add(new Outage(node.part().toString(), from[0], Instant.now()));
                    node.startAgain();
                },
                millis);
    }

    private boolean stopBroker() {
        Part part = pick(cloud.broker().nodes()).part();
        return hurtBroker("froze", part::stop, part::goOn, random.nextLong(500, 8000));
    }

    /** One node of a cluster at a time: the others must be the majority. */
    private boolean hurtBroker(String how, Runnable harm, Runnable cure, long millis) {
        return (!cluster() || cloud.broker().complete()) && hurt(how, "broker", harm, cure, millis);
    }

    private boolean cluster() {
        return cloud.broker().nodes().size() > 1;
    }

    private boolean killGuest() {
        List<Map.Entry<InstanceId, List<Long>>> running =
                List.copyOf(guests.running().entrySet());
        if (running.isEmpty()) {
            return false;
        }
        var victim = pick(running);
        guests.kill(victim.getKey(), victim.getValue().getFirst());
        return true;
    }

    private boolean stopGuest() {
        List<List<Long>> running = List.copyOf(guests.running().values());
        if (running.isEmpty()) {
            return false;
        }
        List<Long> pids = pick(running);
        return hurt(
                "froze",
                "QEMU " + pids,
                () -> Signals.send("STOP", pids),
                () -> Signals.send("CONT", pids),
                random.nextLong(500, 8000));
    }

    private static boolean cut(Wire wire) {
        wire.cut();
        return true;
    }

    /** One thing at a time for each target. */
    private boolean hurt(String how, String target, Runnable harm, Runnable cure, long millis) {
        Instant from = Instant.now();
        Runnable noted = () -> {
            hurts.add(new Hurt(how + " " + target, from, Instant.now()));
            cure.run();
        };
        if (toMend.putIfAbsent(target, noted) != null) {
            return false;
        }
        harm.run();
        mender.schedule(() -> mend(target), millis, TimeUnit.MILLISECONDS);
        return true;
    }

    private synchronized void mend(String target) {
        Runnable cure = toMend.get(target);
        if (cure != null) {
            cure.run();
            toMend.remove(target);
        }
    }

    private <T> T pick(List<T> choice) {
        return choice.get(random.nextInt(choice.size()));
    }
}
