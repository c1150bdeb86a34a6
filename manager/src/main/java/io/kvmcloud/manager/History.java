package io.kvmcloud.manager;

/** What a delivery says of its own past. */
sealed interface History {

    /** Seen by nobody before: not delivered before, not asked before, not come back. */
    record Fresh() implements History {}

    /** Delivered to a manager before, or asked again by its client: an earlier copy may be anywhere. */
    record Repeated() implements History {}

    /**
     * Came back from a controller's queue, or from being parked.
     *
     * @param copy which sending it was; empty when it had been parked
     * @param unread true when no controller ever saw it: the broker took it out of the queue by its pick-up time
     */
    record Returned(String copy, boolean unread) implements History {}
}
