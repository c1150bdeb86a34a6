package io.kvmcloud.manager;

import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A request that may have been carried out already, while the controllers are asked about it. */
final class Search {

    private final String id;
    private final Instant began;
    private final List<Write> waiting = new ArrayList<>();
    private final Set<ControllerName> denied = new HashSet<>();

    Search(String id, Instant began, Write first) {
        this.id = id;
        this.began = began;
        waiting.add(first);
    }

    /** Correlation id of questions and answers: an answer to an earlier search says nothing about this one. */
    String id() {
        return id;
    }

    Instant began() {
        return began;
    }

    /** Another copy of the same request waits for the outcome. */
    void join(Write write) {
        waiting.add(write);
    }

    /** This controller has never taken it. */
    void deniedBy(ControllerName controller) {
        denied.add(controller);
    }

    /** Those of them who have not answered. */
    Set<ControllerName> open(Set<ControllerName> all) {
        Set<ControllerName> open = new HashSet<>(all);
        open.removeAll(denied);
        return open;
    }

    /** The copies that wait, in the order of their arrival. */
    List<Write> waiting() {
        return List.copyOf(waiting);
    }
}
