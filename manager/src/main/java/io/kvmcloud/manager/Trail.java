package io.kvmcloud.manager;

import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.OpStatus;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What this manager did with the latest commands, for people who ask; the controllers' journals know the rest. Thread-safe. */
final class Trail {

    private static final int MOST_COMMANDS = 10_000;
    private static final int MOST_STEPS = 20;
    private static final Failure NOTHING_YET = new Failure(Reason.FAILED, "", "");

    private final String name;
    private final Clock clock;
    private final Map<String, OpView> views = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, OpView> eldest) {
            return size() > MOST_COMMANDS;
        }
    };

    /** @param name of this manager */
    Trail(String name, Clock clock) {
        this.name = name;
        this.clock = clock;
    }

    /** A step is being taken. */
    synchronized void note(Step step) {
        switch (step) {
            case Step.Send(var write, var to, var _) -> note(write, OpStatus.WAITING, "sent to " + to, NOTHING_YET);
            case Step.Ask(var _, var write, var whom)
            when !whom.isEmpty() ->
                note(write, OpStatus.WAITING, "asked " + listed(whom) + " whether they have it", NOTHING_YET);
            case Step.Park(var writes, var what) ->
                note(
                        writes.getFirst(),
                        OpStatus.WAITING,
                        "put aside, to be looked at again in 10 s",
                        what instanceof Failure why ? why : NOTHING_YET);
            case Step.Answer(var write, var failure) ->
                note(write, OpStatus.FAILED, "refused: " + failure.reason(), failure);
            case Step.Ask _, Step.Drop _ -> {} // nobody was asked; another copy stands for it
        }
    }

    /** All that is known here of a command; empty when it is none of the latest. */
    synchronized Optional<OpView> of(String op) {
        return Optional.ofNullable(views.get(op));
    }

    /** The same again, like a question repeated each second, is no step. */
    private void note(Write write, OpStatus status, String what, Failure why) {
        OpView before = views.get(write.requestId());
        List<OpStep> steps = new ArrayList<>(before == null ? List.of() : before.steps());
        boolean again = !steps.isEmpty() && steps.getLast().what().equals(what);
        if (!again && steps.size() < MOST_STEPS) {
            steps.add(new OpStep(clock.instant(), name, what));
        }
        String hint = status == OpStatus.FAILED ? why.hint() : ""; // that of what waits is to ask for this view
        views.put(
                write.requestId(),
                new OpView(write.requestId(), write.key(), status, why.message(), hint, List.copyOf(steps)));
    }

    private static String listed(Set<ControllerName> names) {
        return names.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }
}
