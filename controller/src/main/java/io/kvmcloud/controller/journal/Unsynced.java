package io.kvmcloud.controller.journal;

import io.kvmcloud.messages.Reply;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Requests whose instance may not be on the disk yet, by its number: what was accepted and answered says how to make it. */
final class Unsynced {

    private final Map<Long, Journal.Entry> requests = new LinkedHashMap<>();

    void accepted(Journal.Entry entry) {
        if (!entry.boot().isEmpty()) {
            requests.put(entry.number(), entry);
        }
    }

    /** Of what was not made, or was deleted, there is nothing to make again. */
    void settled(Journal.Entry entry, Reply reply) {
        if (reply instanceof Reply.Failure) {
            requests.remove(entry.number());
        } else if (reply instanceof Reply.InstanceDeleted(var id, var _)) {
            requests.remove(id.number());
        }
    }

    void synced(Collection<Long> numbers) {
        requests.keySet().removeAll(numbers);
    }

    boolean contains(Journal.Entry entry) {
        return requests.containsKey(entry.number());
    }

    Set<Long> numbers() {
        return Set.copyOf(requests.keySet());
    }

    /** In the order they came. */
    List<Journal.Entry> all() {
        return List.copyOf(requests.values());
    }
}
