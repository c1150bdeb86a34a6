package io.kvmcloud.manager;

import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What arrives on the manager's command queue, as far as its envelope tells; the body stays shut. */
sealed interface Incoming {

    /**
     * A command that changes something.
     *
     * @param requestId R, the same for every copy of it
     * @param key the routing key its client published it under
     * @param attempt how often its client had asked before
     * @param deadline after which it is not forwarded any more
     * @param kept whether it waits for a controller that is away
     * @param askedBy its client's user as the broker checked it, or null when the client did not say
     */
    record Write(
            String requestId,
            Target target,
            String key,
            History history,
            long attempt,
            Instant deadline,
            boolean kept,
            @Nullable String askedBy,
            Delivery delivery)
            implements Incoming {

        /** True when this cannot be a second copy of something. */
        boolean fresh() {
            return history instanceof History.Fresh;
        }

        @Override
        public String toString() {
            return "request " + requestId + " (" + delivery.envelope().type() + ")";
        }
    }

    /** A question of a manager that a controller did not pick up. */
    record Echo() implements Incoming {}

    /** Something that cannot be carried out, and what to tell whoever sent it. */
    record Malformed(Failure failure) implements Incoming {}
}
