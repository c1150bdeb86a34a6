package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random accidents between a manager and three controllers that journal what they take: copies expire unread, are held by a
 * controller that dies, are delivered again, asked again; all controllers fall silent for a while, so that what was stored is
 * put aside; managers change in the middle. No request is ever in two journals.
 */
class RandomRoutingTest {

    private static final List<ControllerName> NAMES =
            List.of(new ControllerName("s1"), new ControllerName("s2"), new ControllerName("s3"));

    /** A message in a controller's queue: a copy of a request, or a question about one. */
    private record Queued(String request, String copyOrSearch, boolean question, Routing asker) {}

    private final ManualClock clock = new ManualClock(Some.NOON);
    private final Controllers controllers = new Controllers(clock, Set.of());
    private final Map<ControllerName, List<Queued>> queues = new HashMap<>();
    private final Map<ControllerName, Set<String>> journals = new HashMap<>();
    private final List<Write> published = new ArrayList<>();
    private final List<Write> unacknowledged = new ArrayList<>();
    private final List<Write> parked = new ArrayList<>();
    private final List<Step.Ask> asking = new ArrayList<>();
    private Routing routing = new Routing(clock, controllers, new Placement(), "life0");
    private int lives;

    /** They are silent until this step. */
    private int silent;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void noRequestIsEverInTwoJournals(long seed) {
        live(seed, true);

        assertThat(journals.values().stream().mapToInt(Set::size).sum()).isGreaterThan(100);
    }

    @Test
    void aBrokerThatCalledWhatWasReadUnreadWouldBeCaught() {
        assertThatThrownBy(() -> live(1, false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("is at");
    }

    private void live(long seed, boolean truthful) {
        Random random = new Random(seed);
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        for (int step = 1; step <= 3_000; step++) {
            if (step >= silent) {
                NAMES.forEach(name -> controllers.heard(Some.up(name.value(), 1 << 20, 4096, Some.MICRO)));
            }
            accident(random, step, truthful);
            Map<String, ControllerName> owners = new HashMap<>();
            for (ControllerName name : NAMES) {
                for (String request : journal(name)) {
                    ControllerName twin = owners.put(request, name);
                    assertThat(twin)
                            .as("seed %d, step %d: %s is at %s and at", seed, step, request, name)
                            .isNull();
                }
            }
        }
    }

    private void accident(Random random, int step, boolean truthful) {
        String request = "r" + random.nextInt(Math.max(1, step - 20), step + 1);
        ControllerName name = NAMES.get(random.nextInt(NAMES.size()));
        List<Queued> queue = queue(name);
        switch (random.nextInt(22)) {
            case 0, 1, 2 -> deliver(request("r" + step, new History.Fresh()));
            case 3 -> deliver(request(request, new History.Repeated()));
            case 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 -> work(name, queue);
            case 15 -> die(name, queue, random.nextBoolean(), truthful);
            case 16 -> expire(queue);
            case 17 -> confirm(random);
            case 18 -> askAgain(random);
            case 19, 20 -> comeBack(random);
            default -> {
                switch (random.nextInt(20)) {
                    case 0 -> anotherManager();
                    case 1 -> {
                        silent = step + 30;
                        clock.pass(Controllers.SILENCE.plusSeconds(1));
                    }
                    default -> {}
                }
            }
        }
    }

    private void deliver(Write write) {
        unacknowledged.add(write);
        perform(routing.arrived(write));
    }

    /** Takes the head of its queue: journals and acknowledges a command, answers a question. */
    private void work(ControllerName name, List<Queued> queue) {
        if (!queue.isEmpty()) {
            Queued head = queue.removeFirst();
            if (!head.question()) {
                journal(name).add(head.request());
            } else if (head.asker() == routing) {
                boolean found = journal(name).contains(head.request());
                perform(routing.located(head.copyOrSearch(), head.request(), name, found));
            }
        }
    }

    /** Dies with the head of its queue in its hands, before or after it has journalled it. */
    private void die(ControllerName name, List<Queued> queue, boolean journalled, boolean truthful) {
        if (queue.isEmpty() || queue.getFirst().question()) {
            return;
        }
        Queued head = queue.removeFirst();
        if (journalled) {
            journal(name).add(head.request());
        }
        deliver(request(head.request(), new History.Returned(head.copyOrSearch(), !truthful)));
    }

    private void expire(List<Queued> queue) {
        if (!queue.isEmpty()) {
            Queued head = queue.removeFirst();
            if (!head.question()) {
                deliver(request(head.request(), new History.Returned(head.copyOrSearch(), true)));
            }
        }
    }

    private void confirm(Random random) {
        if (!published.isEmpty()) {
            unacknowledged.remove(published.remove(random.nextInt(published.size())));
        }
    }

    private void askAgain(Random random) {
        if (!asking.isEmpty()) {
            clock.pass(Duration.ofSeconds(random.nextInt(10)));
            Step.Ask ask = asking.remove(random.nextInt(asking.size()));
            perform(routing.again(ask.search(), ask.requestId()));
        }
    }

    private void comeBack(Random random) {
        if (!parked.isEmpty()) {
            deliver(parked.remove(random.nextInt(parked.size())));
        }
    }

    /** The channel dies with all that was known through it; what was not acknowledged is delivered again. */
    private void anotherManager() {
        routing = new Routing(clock, controllers, new Placement(), "life" + ++lives);
        asking.clear();
        published.clear();
        List<Write> again = List.copyOf(unacknowledged);
        unacknowledged.clear();
        again.forEach(write -> deliver(request(
                write.requestId(),
                write.history() instanceof History.Returned back
                        ? new History.Returned(back.copy(), false)
                        : new History.Repeated())));
    }

    private void perform(List<Step> steps) {
        for (Step step : steps) {
            switch (step) {
                case Step.Send send -> {
                    queue(send.to()).add(new Queued(send.write().requestId(), send.copy(), false, routing));
                    published.add(send.write());
                }
                case Step.Ask ask -> {
                    asking.add(ask);
                    ask.whom()
                            .forEach(name -> queue(name).add(new Queued(ask.requestId(), ask.search(), true, routing)));
                }
                case Step.Drop drop -> unacknowledged.remove(drop.write());
                case Step.Answer answer -> unacknowledged.remove(answer.write());
                case Step.Park park -> {
                    unacknowledged.removeAll(park.writes());
                    parked.add(request(park.writes().getFirst().requestId(), new History.Returned("", false)));
                }
            }
        }
    }

    private List<Queued> queue(ControllerName name) {
        return queues.computeIfAbsent(name, _ -> new ArrayList<>());
    }

    private Set<String> journal(ControllerName name) {
        return journals.computeIfAbsent(name, _ -> new HashSet<>());
    }

    private static Write request(String id, History history) {
        return Writes.anyone(id, history, Some.NOON.plus(Duration.ofDays(1))).fromStore();
    }
}
