package io.kvmcloud.manager;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Names that belong to instances which are being made: from when the command is sent until the instance is told of, or its
 * controller tells that nothing came of it. Guarded by {@link Controllers}.
 */
final class Names {

    /** What has begun before its deadline is over this much later. */
    private static final Duration LONGEST_WORK = Duration.ofMinutes(1);

    private record Kept(String requestId, Instant until) {}

    private final Map<String, Kept> kept = new HashMap<>();

    /** Keeps a name for what this request makes, if no other has it; who has it, when another does. */
    Optional<String> keep(String name, String requestId, Instant deadline, Instant now) {
        kept.values().removeIf(one -> !now.isBefore(one.until()));
        Kept holder = kept.computeIfAbsent(name, _ -> new Kept(requestId, deadline.plus(LONGEST_WORK)));
        return holder.requestId().equals(requestId) ? Optional.empty() : Optional.of(holder.requestId());
    }

    /** An instance has it, and so the table does. */
    void given(String name) {
        kept.remove(name);
    }

    /** Nothing came of the request. */
    void free(String requestId) {
        kept.values().removeIf(one -> one.requestId().equals(requestId));
    }
}
