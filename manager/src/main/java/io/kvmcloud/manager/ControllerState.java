package io.kvmcloud.manager;

import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.Event.ControllerUp;
import io.kvmcloud.messages.InstanceView;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of one controller; guarded by {@link Controllers}. */
final class ControllerState {

    /** More instances than one host will have; what a hostile controller can make us remember ends here. */
    static final int MOST_INSTANCES = 10_000;

    /** A report this much younger than a placement knows of it: the controller has journalled it by then. */
    private static final Duration REPORT_KNOWS = Duration.ofSeconds(1);

    private record Placed(Needs needs, Instant at) {}

    private final Holders holders;
    private final NavigableMap<Long, InstanceView> instances = new TreeMap<>();
    private final Map<String, Placed> placed = new HashMap<>();
    private long placedMemory;
    private int placedCpus;
    private ControllerView view;

    /** What it has of lower numbers is known. */
    private long toldUpTo;

    private boolean leftOrLost = true;
    private Instant heard;

    /**
     * One of which only the name is known yet.
     *
     * @param holders learn the names of its instances
     */
    ControllerState(ControllerName name, Holders holders, Instant now) {
        this.holders = holders;
        view = new ControllerView(name, "", "", "", "", new Capacity(0, 0, 0, 0, 0), List.of(), List.of());
        heard = now;
    }

    ControllerView view() {
        return view;
    }

    /** True once it has told all it has. */
    boolean described() {
        return toldUpTo == Long.MAX_VALUE;
    }

    /** True when it is given no new instances. */
    boolean draining() {
        return view.capacity().draining();
    }

    /** False after it said good-bye, or when it was never heard of. */
    boolean there() {
        return !leftOrLost;
    }

    Instant heard() {
        return heard;
    }

    List<InstanceView> instances() {
        return List.copyOf(instances.values());
    }

    /** Null when it is not known. */
    @Nullable
    InstanceView instance(long number) {
        return instances.get(number);
    }

    /** Those in the range that it tells of, as they were known. */
    List<InstanceView> instances(ControllerUp up) {
        return List.copyOf(range(up).values());
    }

    void up(ControllerUp up, Instant at) {
        view = up.view();
        NavigableMap<Long, InstanceView> range = range(up);
        range.values().forEach(holders::remove);
        range.clear();
        up.instances().stream().limit(MOST_INSTANCES - instances.size()).forEach(this::put);
        if (up.from() <= toldUpTo) { // else something between is missing
            toldUpTo = up.last() ? Long.MAX_VALUE : Math.max(toldUpTo, up.to());
        }
        reported(at);
    }

    private NavigableMap<Long, InstanceView> range(ControllerUp up) {
        NavigableMap<Long, InstanceView> tail = instances.tailMap(up.from(), true);
        return up.last() ? tail : tail.headMap(up.to(), false);
    }

    void heartbeat(Capacity capacity, Instant at) {
        view = view.with(capacity);
        reported(at);
    }

    void changed(InstanceView instance, Instant at) {
        if (instances.size() < MOST_INSTANCES
                || instances.containsKey(instance.id().number())) {
            put(instance);
        }
        seen(at);
    }

    void removed(long number, Instant at) {
        InstanceView gone = instances.remove(number);
        if (gone != null) {
            holders.remove(gone);
        }
        seen(at);
    }

    /** Its instances are nobody's any more. */
    void forgotten() {
        instances.values().forEach(holders::remove);
        instances.clear();
    }

    private void put(InstanceView instance) {
        InstanceView before = instances.put(instance.id().number(), instance);
        if (before != null) {
            holders.remove(before);
        }
        holders.add(instance);
    }

    void gone(Instant at) {
        heard = at;
        leftOrLost = true;
    }

    /** Counts a placement until the controller's own report does. */
    void place(String copy, Needs needs, Instant at) {
        placed.put(copy, new Placed(needs, at));
        count(needs, 1);
    }

    /** That placement did not come true. */
    void takeBack(String copy) {
        Placed one = placed.remove(copy);
        if (one != null) {
            count(one.needs(), -1);
        }
    }

    long memoryFree() {
        return view.capacity().memoryFree() - placedMemory;
    }

    int cpusFree() {
        return view.capacity().cpusFree() - placedCpus;
    }

    private void count(Needs needs, int sign) {
        placedMemory += sign * needs.memory().mebibytes();
        placedCpus += sign * needs.cpus();
    }

    private void reported(Instant at) {
        placed.values().removeIf(one -> {
            boolean known = one.at().plus(REPORT_KNOWS).isBefore(at);
            if (known) {
                count(one.needs(), -1);
            }
            return known;
        });
        seen(at);
    }

    private void seen(Instant at) {
        heard = at;
        leftOrLost = false;
    }
}
