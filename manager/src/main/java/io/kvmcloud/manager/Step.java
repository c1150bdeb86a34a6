package io.kvmcloud.manager;

import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import java.util.List;
import java.util.Set;

/** What {@link Routing} decided, for {@link Router} to do. Each ends with what becomes of the delivery. */
sealed interface Step {

    /** Publish it to this controller; acknowledge the delivery when the broker has confirmed. */
    record Send(Write write, ControllerName to, String copy) implements Step {}

    /**
     * Ask these controllers whether they have taken the request, and come back with {@link Routing#again} in a second.
     *
     * @param search the correlation id of the question and of the answers
     * @param write the copy of the request that arrived first
     */
    record Ask(String search, Write write, Set<ControllerName> whom) implements Step {

        String requestId() {
            return write.requestId();
        }
    }

    /** Acknowledge it: another copy stands for it. */
    record Drop(Write write, String why) implements Step {}

    /** Answer it and acknowledge it. */
    record Answer(Write write, Failure failure) implements Step {}

    /**
     * Publish the first to the in-doubt queue; when the broker has confirmed, tell all of them so and acknowledge them.
     *
     * @param writes copies of one request
     * @param what what their clients are told
     */
    record Park(List<Write> writes, Reply what) implements Step {}
}
