package io.kvmcloud.manager;

import io.kvmcloud.amqp.Topology;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reply.EventList;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who there is, what they have, and how old that knowledge is. Fed by events, read by placement and by lists. A controller
 * once heard of stays until an operator forgets it, since it may hold commands and instances. Safe for several threads.
 */
final class Controllers implements Placement.Hosts {

    /** Three heartbeats: who is silent for longer is taken for gone. */
    static final Duration SILENCE = Duration.ofSeconds(6);

    /** Looked every second; who has not for this long was frozen, and has still to read what the controllers told meanwhile. */
    private static final Duration FROZEN = Duration.ofSeconds(3);

    /**
     * By then a roll call has been answered by everyone who can, and sent back by the queues of everyone who cannot: nothing
     * waits in those for longer than the pick-up time, and what comes back does so in milliseconds.
     */
    static final Duration ROLL_CALL_COMPLETE = Topology.PICK_UP.plusSeconds(3);

    /** A list is not answered before the answers to the roll call have paused this long, */
    static final Duration QUIET = Duration.ofMillis(250);

    /** or nobody has answered in this much time. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int MOST_CONTROLLERS = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(Controllers.class);

    private final Clock clock;
    private final Set<ControllerName> only;
    private final TreeMap<ControllerName, ControllerState> states = new TreeMap<>();
    private final TreeSet<ControllerName> missing = new TreeSet<>();
    private final Map<ControllerName, Instant> forgotten = new HashMap<>();
    private final Set<ControllerName> answered = new HashSet<>();
    private final Names names = new Names();
    private final Holders holders = new Holders();
    private final EventLog events;
    private @Nullable Instant rollCall;
    private @Nullable Instant queuesAsked;
    private @Nullable Instant lastAnswer;
    private Instant excused;
    private @Nullable Instant watched;

    /** @param only the controllers to serve; empty for all that announce themselves */
    Controllers(Clock clock, Set<ControllerName> only) {
        this.clock = clock;
        this.only = Set.copyOf(only);
        this.excused = clock.instant();
        this.events = new EventLog(clock);
    }

    /** What has happened after this moment, in microseconds since 1970. */
    synchronized EventList eventsSince(long micros) {
        return events.since(micros);
    }

    /**
     * Takes in what a controller tells; the caller has made sure that it is from this controller.
     *
     * @return false when we have no inventory of it and none is on its way, so that it should be asked for one
     */
    synchronized boolean heard(Event event) {
        ControllerName name = event.controller();
        if (!serves(name)) {
            return true;
        }
        if (event instanceof Event.ControllerForgotten) {
            forget(name);
            return true;
        }
        Instant now = clock.instant();
        if (!states.containsKey(name) && states.size() >= MOST_CONTROLLERS) {
            LOG.warn("controller {} is ignored: {} are known already", name, MOST_CONTROLLERS);
            return true;
        }
        ControllerState state = states.computeIfAbsent(name, _ -> new ControllerState(name, holders, now));
        boolean wasThere = state.there();
        boolean wasDescribed = state.described();
        boolean wasDraining = state.draining();
        switch (event) {
            case Event.ControllerUp up -> {
                if (wasDescribed) {
                    events.differences(state.instances(up), up.instances());
                }
                state.up(up, now);
                up.instances().forEach(instance -> names.given(instance.name()));
                // Once: a thousand tell of themselves every 30 s, which is no answer, and never pauses.
                if (!answered.contains(name)) {
                    lastAnswer = now;
                }
                if (up.last()) {
                    answered.add(name);
                }
            }
            case Event.ControllerHeartbeat beat -> state.heartbeat(beat.capacity(), now);
            case Event.InstanceChanged changed -> {
                events.changed(state.instance(changed.instance().id().number()), changed.instance());
                state.changed(changed.instance(), now);
                names.given(changed.instance().name());
            }
            case Event.InstanceNotCreated(var id, var op) -> {
                events.gone(id, "", "NOT_CREATED");
                state.removed(id.number(), now);
                names.free(op);
            }
            case Event.InstanceRemoved(var id) -> {
                InstanceView was = state.instance(id.number());
                events.gone(id, was == null ? "" : was.name(), "DELETED");
                state.removed(id.number(), now);
            }
            case Event.ControllerDown _ -> state.gone(now);
            case Event.ControllerForgotten _ -> throw new IllegalStateException("seen to above");
        }
        if (wasDescribed && wasDraining != state.draining()) {
            events.controller(name, wasDraining ? "UNDRAINED" : "DRAINED", "");
        }
        boolean wasMissing = missing.remove(name);
        forgotten.remove(name);
        if (wasThere != state.there() || wasMissing) {
            events.controller(
                    name,
                    state.there() ? "UP" : "DOWN",
                    state.there() ? state.view().host() : "");
        }
        if (wasThere != state.there()) {
            LOG.info("controller {} {}", name, state.there() ? "is there" : "has left");
        }
        return state.described() || (event instanceof Event.ControllerUp up ? !up.last() : !complete());
    }

    /** There is a controller of this name, though it does not answer: its queue sent back what nobody picked up. */
    synchronized void unheard(ControllerName name) {
        Instant gone = forgotten.get(name);
        if (gone != null && clock.instant().isBefore(gone.plus(ROLL_CALL_COMPLETE))) {
            return; // what its queue sends back now was sent before it was forgotten
        }
        if (serves(name) && !states.containsKey(name) && states.size() < MOST_CONTROLLERS) {
            LOG.info("controller {} has a queue and does not answer", name);
            states.put(name, new ControllerState(name, holders, clock.instant()));
        }
    }

    /** An operator has given it up: as if it had never been there. When it speaks again, it is there again. */
    synchronized void forget(ControllerName name) {
        Instant now = clock.instant();
        forgotten.values().removeIf(gone -> !now.isBefore(gone.plus(ROLL_CALL_COMPLETE)));
        forgotten.put(name, now);
        missing.remove(name);
        ControllerState state = states.remove(name);
        if (state != null) {
            state.forgotten();
            LOG.info("controller {} is forgotten", name);
            events.controller(name, "FORGOTTEN", "");
        }
    }

    /** Logs who fell silent; called every second. */
    synchronized void watch() {
        excuseOwnSilence();
        watched = clock.instant();
        states.forEach((name, state) -> {
            if (state.there() && silent(state) && missing.add(name)) {
                events.controller(name, "SILENT", "last heard of " + age(state).toSeconds() + " s ago");
                LOG.warn(
                        "controller {} was last heard of {} s ago",
                        name,
                        age(state).toSeconds());
            }
        });
    }

    /** The broker takes no messages: silence up to now says nothing about the controllers. */
    synchronized void excuseSilence() {
        excused = clock.instant();
    }

    /** Everyone has just been asked to answer. Who was there last had nobody to tell it while we heard nothing. */
    synchronized void rollCalled() {
        rollCall = clock.instant();
        queuesAsked = null;
        excused = rollCall;
        watched = null;
        lastAnswer = null;
        answered.clear();
    }

    /** The roll call is in every queue there is: the broker takes as long to put it into a thousand as it has to do. */
    synchronized void queuesAsked() {
        queuesAsked = clock.instant();
    }

    /** We hear no events any more: who joins from now on is unknown until the next roll call. */
    synchronized void deaf() {
        rollCall = null;
        queuesAsked = null;
    }

    /** True when the table is fit to be read: the answers to the roll call have paused, or there are none. */
    synchronized boolean settled() {
        Instant now = clock.instant();
        Instant enough =
                lastAnswer != null ? lastAnswer.plus(QUIET) : rollCall == null ? Instant.MAX : rollCall.plus(PATIENCE);
        return rollCall != null && (!now.isBefore(enough) || complete());
    }

    /** True when there can be no controller that is not in the table. */
    synchronized boolean complete() {
        return queuesAsked != null && !clock.instant().isBefore(queuesAsked.plus(ROLL_CALL_COMPLETE));
    }

    /** All that there are, whether they answer or not. */
    synchronized Set<ControllerName> names() {
        return new TreeSet<>(states.keySet());
    }

    /** Whether this manager has to do with it at all. */
    boolean serves(ControllerName name) {
        return only.isEmpty() || only.contains(name);
    }

    @Override
    public synchronized List<Host> hosts() {
        return states.values().stream().map(this::host).toList();
    }

    @Override
    public synchronized Optional<Host> next(@Nullable ControllerName last, Predicate<Host> wanted) {
        Stream<ControllerState> inTurn = last == null
                ? states.values().stream()
                : Stream.concat(
                        states.tailMap(last, false).values().stream(), states.headMap(last, true).values().stream());
        return inTurn.map(this::host).filter(wanted).findFirst();
    }

    synchronized Optional<Host> host(ControllerName name) {
        return Optional.ofNullable(states.get(name)).map(this::host);
    }

    /** Its instances as it last told, by number. */
    synchronized List<InstanceView> instancesOf(ControllerName name) {
        ControllerState state = states.get(name);
        return state == null ? List.of() : state.instances();
    }

    /**
     * Keeps the name of what this command creates from others until it is there, or nothing came of it; does so once, however
     * often it is asked.
     *
     * @param name which may be empty: then there is nothing to keep
     * @return why it cannot have it; empty when it has it
     */
    synchronized Optional<Failure> keepName(String name, Write write) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Optional<InstanceId> holder = holders.of(name);
        if (holder.isPresent()) {
            return Optional.of(Refusals.nameTaken(name, holder.get()));
        }
        return names.keep(name, write.requestId(), write.deadline(), clock.instant())
                .map(other -> Refusals.nameKept(name, other));
    }

    /** Nothing came of this command. */
    synchronized void freeName(Write write) {
        names.free(write.requestId());
    }

    /** Counts a placement until the controller's own report does. */
    synchronized void placed(ControllerName name, String copy, Needs needs) {
        Optional.ofNullable(states.get(name)).ifPresent(state -> state.place(copy, needs, clock.instant()));
    }

    /** That placement did not come true. */
    synchronized void takeBack(ControllerName name, String copy) {
        Optional.ofNullable(states.get(name)).ifPresent(state -> state.takeBack(copy));
    }

    /** It has no command queue, so it is not there whatever it told; its next event is believed again. */
    synchronized void lost(ControllerName name) {
        Optional.ofNullable(states.get(name)).ifPresent(state -> state.gone(state.heard()));
    }

    private Host host(ControllerState state) {
        return new Host(
                state.view(),
                state.described(),
                state.there() && !silent(state),
                age(state),
                Math.max(0, state.memoryFree()),
                Math.max(0, state.cpusFree()));
    }

    private void excuseOwnSilence() {
        if (watched != null && Duration.between(watched, clock.instant()).compareTo(FROZEN) > 0) {
            excused = clock.instant();
        }
    }

    private boolean silent(ControllerState state) {
        excuseOwnSilence();
        boolean known = missing.contains(state.view().name());
        Instant since = known || state.heard().isAfter(excused) ? state.heard() : excused;
        return Duration.between(since, clock.instant()).compareTo(SILENCE) > 0;
    }

    private Duration age(ControllerState state) {
        Duration age = Duration.between(state.heard(), clock.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }
}
