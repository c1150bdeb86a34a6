package io.kvmcloud.bench.chaos;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * A command that a client asked for, under one request id, until it knew.
 *
 * @param outcome what it knows
 * @param sendings how often it was asked
 * @param took from the first sending to the answer
 * @param ended when that came
 * @param words what each sending came to that was not the answer, and when
 */
record Ask(
        String requestId,
        Command<?> command,
        Outcome outcome,
        int sendings,
        Duration took,
        Instant ended,
        Map<Instant, String> words) {

    /** What is known in the end. */
    sealed interface Outcome {}

    /** It was carried out or refused, for good. */
    record Answered(Reply reply) implements Outcome {}

    /** The cloud said that nothing was done, and the client left it at that. */
    record NothingDone() implements Outcome {}

    /** Nobody could tell, until the client's patience was over. */
    record Unknown(String lastWords) implements Outcome {}

    boolean acknowledged() {
        return outcome instanceof Answered;
    }

    @Override
    public String toString() {
        return "request " + requestId + " (" + command + ", " + sendings + " times, " + took.toMillis() + " ms)";
    }
}
