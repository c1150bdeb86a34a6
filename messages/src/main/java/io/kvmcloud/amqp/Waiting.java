package io.kvmcloud.amqp;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A request that waits for its answer on a {@link Line}; what it is to be told, it is told through {@link #answer}. */
final class Waiting {

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    Request request;
    final Instant managersAreBack;
    final Instant leadersAreElected;
    final CompletableFuture<Envelope> answer = new CompletableFuture<>();

    /** These belong to the channel's thread: the broker has it, and has said that no manager is there. */
    boolean stored;

    boolean noManager;

    /** Asked again at this time of {@link System#nanoTime}; belongs to the channel's thread. */
    long askAt;

    private Duration pause;

    /** Its place among all that was sent; the last of all while it was not. */
    volatile long sent = Long.MAX_VALUE;

    Waiting(Request request, Instant managersAreBack, Instant leadersAreElected) {
        this.request = request;
        this.managersAreBack = managersAreBack;
        this.leadersAreElected = leadersAreElected;
        this.pause = request.patience();
        this.askAt = System.nanoTime() + pause.toNanos();
    }

    /** Each time twice as long, but who was not told the answer does not wait for it as long again as it took. */
    void pauseLonger(long now) {
        pause = pause.multipliedBy(2);
        if (pause.compareTo(LONGEST_PAUSE) > 0) {
            pause = LONGEST_PAUSE;
        }
        askAt = now + pause.toNanos();
    }

    /** The next sending is a repeat: one that was refused may have been stored all the same. */
    void repeat() {
        request = request.again();
    }

    /** What is asked for, of which host: {@code write.instance.kill.s1}, as {@link Role} tells keys apart. */
    String kind() {
        return Arrays.stream(request.key().split("\\.")).limit(4).collect(Collectors.joining("."));
    }

    /** What is true when this sending was not taken: an earlier one may have been. */
    String notTaken() {
        return request.attempt() == 0 ? "nothing was done" : "what became of an earlier sending is not known";
    }

    void fail(Reason reason, String message, String hint) {
        answer.completeExceptionally(new CommandFailed(reason, message, hint));
    }
}
