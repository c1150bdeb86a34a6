package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.Reply;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What comes into an instance's queue. */
sealed interface Happening {

    /** Somebody wants something of it. */
    record Asked(Order order, CompletableFuture<Reply> answer) implements Happening {}

    /** A start has an outcome. */
    record Launched(Launch launch) implements Happening {}

    /** A guest is gone. */
    record GuestEnded(Guest guest, String how) implements Happening {}

    /** The sweep comes by, having seen these processes claim its directory. */
    record Look(List<Hypervisor.Claim> claims) implements Happening {}

    /** The controller is leaving. */
    record Leave() implements Happening {}
}
