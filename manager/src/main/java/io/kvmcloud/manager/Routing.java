package io.kvmcloud.manager;

import io.kvmcloud.manager.History.Returned;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.manager.Step.Answer;
import io.kvmcloud.manager.Step.Ask;
import io.kvmcloud.manager.Step.Drop;
import io.kvmcloud.manager.Step.Park;
import io.kvmcloud.manager.Step.Send;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One effect for each request, though every hop may deliver twice. Pure policy: what is known of a request and what arrived
 * decide the next {@link Step}; nothing here talks to anyone.
 *
 * <pre>
 *              fresh: place on the next host                     asked again: to the same host, not sole any more
 *  (unknown) ───────────────────────────────▶ Sent(host, copy, sole) ◀──────┐
 *      │                                       │    ▲    │  └───────────────┘
 *      │ delivered before,                     │    │    │
 *      │ asked before,        latest came back │    │    │ latest came back, sole and unread:
 *      │ came back            in any other way │    │    └▶ place on the next host
 *      ▼                                       ▼    │
 *   Searching ◀────────────────────────────────┘    │
 *      │  │  └── found at a host ⇒ there; not sole ─┤
 *      │  └───── all say no ⇒ place on the next ────┘       a stale copy that comes back is dropped: the latest stands
 *      └──────── a host is away ⇒ parked ⇒ (unknown); comes back in 10 s      for it; copies that arrive while
 *                                                                              Searching wait for the outcome
 * </pre>
 *
 * <p>Only copies on <em>different</em> hosts are a danger: a host's journal answers a second copy as the first. So a copy goes
 * elsewhere only when nobody can have the request: it is fresh; or its only copy came back and no controller had read it
 * ("sole" and "unread"); or every controller there is denied having it, behind any earlier copy in its queue.
 *
 * <p>What is known dies with the channel ({@link Router} makes a new Routing for each): a new one trusts no memory, and what
 * the old one left unacknowledged is delivered again as {@link History.Repeated}. A command for the owner of an instance has
 * one possible host and needs no search.
 */
final class Routing {

    /** How many requests are remembered; a forgotten one that turns up again costs a search, nothing else. */
    static final int MEMORY = 100_000;

    /** A controller that is away does not hold a request up for longer than this; it is parked. */
    static final Duration PATIENCE_WITH_ABSENT = Duration.ofSeconds(3);

    /** A controller that seems to be there and does not answer, for longer than this. */
    static final Duration PATIENCE_WITH_SILENT = Duration.ofSeconds(15);

    /** The latest copy of a request; {@code sole} when no other copy can have reached a controller. */
    private record Sent(ControllerName to, String copy, boolean sole) {}

    private final Clock clock;
    private final Controllers controllers;
    private final Placement placement;
    private final String session;
    private final Map<String, Search> searches = new HashMap<>();
    private final Map<String, Sent> sent = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Sent> eldest) {
            return size() > MEMORY;
        }
    };

    /** Requests that no controller was ever given, each in one message that was put aside. */
    private final Set<String> onlyCopyParked = new HashSet<>();

    private long copies;

    /** @param session told apart from every other life of every manager; the first half of copy ids */
    Routing(Clock clock, Controllers controllers, Placement placement, String session) {
        this.clock = clock;
        this.controllers = controllers;
        this.placement = placement;
        this.session = session;
    }

    /** A write was delivered. */
    List<Step> arrived(Write write) {
        Search search = searches.get(write.requestId());
        if (search != null) {
            search.join(write);
            return List.of();
        }
        boolean onlyCopy = onlyCopyParked.remove(write.requestId()) && write.parked();
        Sent known = sent.get(write.requestId());
        if (known != null
                && write.history() instanceof Returned back
                && !back.copy().equals(known.copy())) {
            return List.of(new Drop(write, "a later copy went to " + known.to()));
        }
        if (!clock.instant().isBefore(write.deadline())) {
            return List.of(new Answer(write, Refusals.tooLate(write, onlyCopy || untouched(write, known))));
        }
        return List.of(
                switch (write.target()) {
                    case Target.Anyone anyone when onlyCopy -> place(write, anyone.needs(), null);
                    case Target.Anyone anyone -> placed(write, anyone.needs(), known);
                    case Target.Owner owner -> addressed(write, owner, known);
                });
    }

    /** A controller answered a question. */
    List<Step> located(String searchId, String requestId, ControllerName controller, boolean found) {
        Search search = searches.get(requestId);
        if (search == null || !search.id().equals(searchId)) {
            return List.of();
        }
        if (found) {
            searches.remove(requestId);
            return resolve(search, first -> send(first, controller, false));
        }
        search.deniedBy(controller);
        return nobodyHasIt(search) ? settle(search, requestId) : List.of();
    }

    /** A second has passed since these were asked. */
    List<Step> again(String searchId, String requestId) {
        Search search = searches.get(requestId);
        if (search == null || !search.id().equals(searchId)) {
            return List.of();
        }
        Instant now = clock.instant();
        Write first = search.waiting().getFirst();
        if (nobodyHasIt(search) || !now.isBefore(first.deadline())) {
            return settle(search, requestId);
        }
        Set<ControllerName> open = search.open(controllers.names());
        Duration waited = Duration.between(search.began(), now);
        boolean absent = open.stream()
                .anyMatch(name -> !controllers.host(name).map(Host::reachable).orElse(false));
        if (waited.compareTo(absent ? PATIENCE_WITH_ABSENT : PATIENCE_WITH_SILENT) >= 0) {
            searches.remove(requestId);
            return List.of(new Park(search.waiting(), Refusals.inDoubt(first, hosts(open))));
        }
        return List.of(new Ask(search.id(), first, open));
    }

    /** A copy was published and there is no such queue: it is nowhere. */
    List<Step> unroutable(Send send) {
        Write write = send.write();
        Sent known = sent.get(write.requestId());
        boolean sole = known != null && known.copy().equals(send.copy()) && known.sole();
        controllers.takeBack(send.to(), send.copy());
        controllers.lost(send.to());
        if (sole) {
            sent.remove(write.requestId());
        }
        return switch (write.target()) {
            case Target.Anyone anyone when sole -> List.of(place(write, anyone.needs(), send.to()));
            case Target.Anyone _ -> List.of(new Answer(write, Refusals.noQueue(send.to(), controllers, false)));
            case Target.Owner _ -> List.of(new Answer(write, Refusals.noQueue(send.to(), controllers, sole)));
        };
    }

    /** The broker did not take a copy: the queue is full. It may have it all the same, so it goes nowhere else. */
    List<Step> refused(Send send) {
        controllers.takeBack(send.to(), send.copy());
        sent.computeIfPresent(send.write().requestId(), (_, known) -> new Sent(known.to(), known.copy(), false));
        return List.of(new Answer(send.write(), Refusals.queueFull(send.to())));
    }

    private Step placed(Write write, Needs needs, @Nullable Sent known) {
        if (write.history() instanceof Returned back && known != null && known.sole() && back.unread()) {
            controllers.takeBack(known.to(), known.copy());
            return place(write, needs, known.to());
        }
        if (known != null && !(write.history() instanceof Returned)) {
            return send(write, known.to(), false);
        }
        return known == null && write.fresh() ? place(write, needs, null) : search(write);
    }

    private Step addressed(Write write, Target.Owner target, @Nullable Sent known) {
        ControllerName owner = target.controller();
        boolean untouched = untouched(write, known);
        Optional<Host> host = controllers.host(owner);
        if (!controllers.serves(owner)) {
            return new Answer(write, Refusals.noQueue(owner, controllers, untouched));
        }
        if (known != null && !known.to().equals(owner)) {
            return new Answer(write, Refusals.otherCommand(write, known.to()));
        }
        if (write.history() instanceof Returned back && back.unread()) {
            return keptOr(write, target, Refusals.notPickedUp(owner, host, untouched));
        }
        if (host.isPresent() && host.get().described() && !host.get().reachable()) {
            return keptOr(write, target, Refusals.away(host.get(), untouched));
        }
        return send(write, owner, untouched);
    }

    /** What is kept comes back from the in-doubt queue until its controller is there. */
    private Step keptOr(Write write, Target.Owner owner, Failure away) {
        if (!write.waits()) {
            return new Answer(write, away);
        }
        sent.remove(write.requestId()); // it comes back without a copy's id
        return new Park(
                List.of(write),
                write.kept() ? Refusals.kept(write, owner) : Refusals.stored(write, Refusals.notConnected(owner)));
    }

    /** True when no controller can have seen the request. */
    private static boolean untouched(Write write, @Nullable Sent known) {
        return known == null
                ? write.fresh()
                : known.sole() && write.history() instanceof Returned back && back.unread();
    }

    private Step place(Write write, Needs needs, @Nullable ControllerName avoid) {
        Optional<Failure> taken = controllers.keepName(needs.name(), write);
        if (taken.isPresent()) {
            sent.remove(write.requestId());
            return new Answer(write, taken.get());
        }
        return switch (placement.choose(controllers, needs, avoid)) {
            case Placement.Choice.Nobody nobody -> {
                sent.remove(write.requestId());
                controllers.freeName(write);
                if (!write.waits() || knownForGood(nobody.failure())) {
                    yield new Answer(write, nobody.failure());
                }
                onlyCopyParked.add(write.requestId());
                yield new Park(
                        List.of(write), Refusals.stored(write, nobody.failure().message()));
            }
            case Placement.Choice.Chosen chosen -> {
                Send send = send(write, chosen.controller(), true);
                controllers.placed(chosen.controller(), send.copy(), needs);
                yield send;
            }
        };
    }

    /** Not while controllers may be missing: of these, or of all as long as their answers may be on the way. */
    private boolean knownForGood(Failure failure) {
        return controllers.complete() && failure.reason() != Reason.UNREACHABLE;
    }

    private Send send(Write write, ControllerName to, boolean sole) {
        String copy = next();
        sent.put(write.requestId(), new Sent(to, copy, sole));
        return new Send(write, to, copy);
    }

    private Step search(Write write) {
        sent.remove(write.requestId());
        if (write.target() instanceof Target.Anyone(var needs)) {
            controllers.keepName(needs.name(), write); // whoever has it, perhaps we have been here before
        }
        Search search = new Search(next(), clock.instant(), write);
        searches.put(write.requestId(), search);
        return new Ask(search.id(), write, search.open(controllers.names()));
    }

    private boolean nobodyHasIt(Search search) {
        return controllers.complete() && search.open(controllers.names()).isEmpty();
    }

    /** Nobody has it, or it is too late to find out. */
    private List<Step> settle(Search search, String requestId) {
        searches.remove(requestId);
        return resolve(search, first -> switch (first.target()) {
            case Target.Anyone anyone -> place(first, anyone.needs(), null);
            case Target.Owner owner -> addressed(first, owner, null);
        });
    }

    /** The first copy goes where it must, if there is time; the others arrive anew, now that the request is known. */
    private List<Step> resolve(Search search, Function<Write, Step> decision) {
        List<Write> waiting = search.waiting();
        Write first = waiting.getFirst();
        boolean late = !clock.instant().isBefore(first.deadline());
        List<Step> steps = new ArrayList<>();
        steps.add(late ? new Answer(first, Refusals.tooLate(first, false)) : decision.apply(first));
        waiting.stream().skip(1).forEach(write -> steps.addAll(arrived(write)));
        return steps;
    }

    private List<Host> hosts(Set<ControllerName> names) {
        return names.stream()
                .sorted()
                .flatMap(name -> controllers.host(name).stream())
                .toList();
    }

    private String next() {
        return session + "." + ++copies;
    }
}
