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
     * @param kept whether it is a removal that waits for a controller that is away
     * @param stored whether its client may have been told that it is stored, and has gone
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
            boolean stored,
            @Nullable String askedBy,
            Delivery delivery)
            implements Incoming {

        /** True when this cannot be a second copy of something. */
        boolean fresh() {
            return history instanceof History.Fresh;
        }

        /** True when it comes from where it had been put aside; its client has been told so. */
        boolean parked() {
            return history instanceof History.Returned back && back.copy().isEmpty();
        }

        /** True when it waits until its deadline for who can carry it out; else its client is told now that nobody can. */
        boolean waits() {
            return kept || stored;
        }

        /** The same, of a client that may have been told that it is stored. */
        Write fromStore() {
            return new Write(requestId, target, key, history, attempt, deadline, kept, true, askedBy, delivery);
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
