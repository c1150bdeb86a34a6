package io.kvmcloud.manager;

import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which instance has a name, of all there are: looked up for each {@code new} that has one. Guarded by {@link Controllers}.
 */
final class Holders {

    /** Several have the same one only when managers did not know of each other's, as after a network had broken in two. */
    private final Map<String, List<InstanceId>> ids = new HashMap<>();

    /** One that has it, if any does. */
    Optional<InstanceId> of(String name) {
        return ids.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** An instance is there. */
    void add(InstanceView instance) {
        if (!instance.name().isEmpty()) {
            ids.merge(
                    instance.name(),
                    List.of(instance.id()),
                    (some, more) -> Stream.concat(some.stream(), more.stream())
                            .distinct()
                            .toList());
        }
    }

    /** It is gone. */
    void remove(InstanceView instance) {
        ids.computeIfPresent(instance.name(), (_, some) -> {
            List<InstanceId> others =
                    some.stream().filter(id -> !id.equals(instance.id())).toList();
            return others.isEmpty() ? null : others;
        });
    }
}
