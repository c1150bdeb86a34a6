package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ListTemplates;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceRow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Names that are there at the moment, for completion: asked for beside the typing, never waited for long. */
final class LiveNames {

    private static final Duration FRESH = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofMillis(250);
    private static final Executor BESIDE = task -> Thread.ofVirtual().start(task);

    private final Cached instances;
    private final Cached templates;
    private final Cached controllers;

    LiveNames(Cloud cloud) {
        instances = new Cached(() -> cloud.instances().stream()
                .map(InstanceRow::instance)
                .flatMap(instance -> Stream.of(instance.id().toString(), instance.name()))
                .filter(name -> !name.isEmpty())
                .toList());
        templates = new Cached(() -> cloud.ask(new ListTemplates()).templates().stream()
                .map(row -> row.template().name())
                .toList());
        controllers = new Cached(() -> cloud.controllers().stream()
                .map(row -> row.controller().name().value())
                .toList());
    }

    /** Asks for all of them now, so that the first Tab finds them. */
    void warmUp() {
        instances.refresh();
        templates.refresh();
    }

    /** The ids and names of all instances, or what they were when last heard of. */
    List<String> instances() {
        return instances.names();
    }

    /** The names of all templates. */
    List<String> templates() {
        return templates.names();
    }

    /** The names of all controllers. */
    List<String> controllers() {
        return controllers.names();
    }

    private static final class Cached {
        private final Supplier<List<String>> ask;
        private volatile List<String> last = List.of();
        private CompletableFuture<List<String>> asking = CompletableFuture.completedFuture(List.of());
        private long asked = System.nanoTime() - FRESH.toNanos();

        Cached(Supplier<List<String>> ask) {
            this.ask = ask;
        }

        synchronized void refresh() {
            if (asking.isDone() && System.nanoTime() - asked >= FRESH.toNanos()) {
                asked = System.nanoTime();
                asking = CompletableFuture.supplyAsync(this::refreshed, BESIDE);
            }
        }

        synchronized List<String> names() {
            refresh();
            try {
                return asking.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException _) {
                return last;
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return last;
            }
        }

        private List<String> refreshed() {
            try {
                last = ask.get();
            } catch (CommandFailed _) {
                // Completion is no place for an error: the old names do.
            }
            return last;
        }
    }
}
