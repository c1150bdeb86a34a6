package io.kvmcloud.controller.instance;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The start of a guest on a thread of its own, so that its instance can be asked for other things meanwhile. */
final class Launch {

    private static final Duration GIVEN_UP = Duration.ofSeconds(10);

    private final CompletableFuture<Guest> outcome = new CompletableFuture<>();
    private final Thread thread;

    /** Begins at once. */
    Launch(String name, Callable<Guest> start) {
        thread = Thread.ofVirtual().name(name).start(() -> {
            try {
                outcome.complete(start.call());
            } catch (Exception | Error failed) {
                outcome.completeExceptionally(failed);
            }
        });
    }

    /** The guest that runs, or why it does not. */
    CompletableFuture<Guest> outcome() {
        return outcome;
    }

    /** Gives the start up, and ends what came of it: now, or whenever a start that does not listen has an outcome. */
    void cancel() {
        thread.interrupt();
        try {
            outcome.get(GIVEN_UP.toMillis(), TimeUnit.MILLISECONDS).kill();
        } catch (ExecutionException _) {
            // It has ended, and nothing runs.
        } catch (TimeoutException _) {
            outcome.thenAccept(Guest::kill);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            outcome.thenAccept(Guest::kill);
        }
    }
}
