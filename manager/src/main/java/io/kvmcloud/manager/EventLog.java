package io.kvmcloud.manager;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.EventRow;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reply.EventList;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The last thousand things that happened, for people who ask what happened. Guarded by {@link Controllers}. */
final class EventLog {

    private static final int KEPT = 1_000;

    /** @param micros since 1970, no two the same: so that a follower can go on with another manager */
    private record Entry(long micros, EventRow row) {}

    private final Clock clock;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long last;

    EventLog(Clock clock) {
        this.clock = clock;
    }

    /** Oldest first. Followers ask again and again, and mostly nothing has happened. */
    EventList since(long micros) {
        if (micros >= last) {
            return new EventList(List.of(), micros);
        }
        List<EventRow> rows = entries.stream()
                .filter(entry -> entry.micros() > micros)
                .map(Entry::row)
                .toList();
        return new EventList(rows, last);
    }

    void controller(ControllerName name, String event, String note) {
        add(name.toString(), "", event, note);
    }

    /** @param before as it was known; null when it was not */
    void changed(@Nullable InstanceView before, InstanceView now) {
        String event = before == null
                ? "CREATED"
                : before.status() == now.status() ? "CHANGED" : now.status().toString();
        add(now.id().toString(), now.name(), event, now.note());
    }

    void gone(InstanceId id, String name, String event) {
        add(id.toString(), name, event, "");
    }

    /** A controller that had been away tells all it has: what happened meanwhile. */
    void differences(Collection<InstanceView> before, Collection<InstanceView> now) {
        Map<InstanceId, InstanceView> known = new HashMap<>();
        before.forEach(instance -> known.put(instance.id(), instance));
        now.forEach(instance -> {
            InstanceView then = known.remove(instance.id());
            if (then == null || then.status() != instance.status()) {
                changed(then, instance);
            }
        });
        known.values().forEach(instance -> gone(instance.id(), instance.name(), "DELETED"));
    }

    private void add(String subject, String name, String event, String note) {
        last = Math.max(last + 1, ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
        entries.add(new Entry(last, new EventRow(Instant.ofEpochMilli(last / 1000), subject, name, event, note)));
        if (entries.size() > KEPT) {
            entries.remove();
        }
    }
}
