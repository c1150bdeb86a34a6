package io.kvmcloud.controller.journal;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.InstanceId;
import java.util.HashMap;
import java.util.Map;

/** How many requests for each instance were taken and are not settled. */
final class UnderWay {

    private final Map<InstanceId, Integer> counts = new HashMap<>();

    /** Whether this is for an instance of which nothing else is wanted. */
    boolean isIdle(Command<?> command) {
        return command instanceof Command.Addressed<?> one && !counts.containsKey(one.id());
    }

    void begins(Command<?> command) {
        if (command instanceof Command.Addressed<?> one) {
            counts.merge(one.id(), 1, Integer::sum);
        }
    }

    void ends(Command<?> command) {
        if (command instanceof Command.Addressed<?> one) {
            counts.computeIfPresent(one.id(), (_, count) -> count == 1 ? null : count - 1);
        }
    }
}
