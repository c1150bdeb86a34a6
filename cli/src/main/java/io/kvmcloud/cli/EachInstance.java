package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One verb for one or several instances, or controllers: all are asked at once, told of in the order typed, and each
 * failure is printed; the first one is the exit code.
 */
record EachInstance<R>(Output output, Results<Done<R>> results) {

    /** What is done by then needs no bar. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    /**
     * @param opId of what is asked
     * @param work asks for one of them under an id
     */
    <T> int call(OpId opId, List<T> ids, BiFunction<T, Op, R> work) {
        return call(opId, ids, ids.size() == 1, work);
    }

    /** @param alone whether there is no other, and could not be: then it need not be told which one it was */
    <T> int call(OpId opId, List<T> ids, boolean alone, BiFunction<T, Op, R> work) {
        return call(
                opId,
                ids,
                alone,
                work,
                (id, _) -> alone ? "OK" : id + " OK",
                (id, failure) -> alone ? failure : naming(id, failure));
    }

    /**
     * @param text for people, of what was done
     * @param refusal for people, of what was not
     */
    <T> int call(
            OpId opId,
            List<T> ids,
            boolean alone,
            BiFunction<T, Op, R> work,
            BiFunction<T, R, String> text,
            BiFunction<T, Failure, Failure> refusal) {
        Map<T, Op> ops = new LinkedHashMap<>();
        ids.forEach(id -> ops.computeIfAbsent(id, _ -> alone ? opId.op() : opId.ofOneOfSeveral(id)));
        List<Done<R>> done = new ArrayList<>();
        int exitCode = all(
                output,
                ops.keySet(),
                id -> new Done<>(
                        work.apply(id, Objects.requireNonNull(ops.get(id))),
                        Objects.requireNonNull(ops.get(id)).id()),
                (id, one) -> {
                    done.add(one);
                    results.each(one, text.apply(id, one.result()));
                },
                refusal,
                "`kvm-cloud instances` shows what became of them");
        results.end(done);
        return exitCode;
    }

    /**
     * Asks all at once, and prints what was refused. Returns the exit code of the first that was, or 0.
     *
     * @param done is told of the others, in their order
     * @param refusal for people, of what was not done
     * @param unfinished what to type next when it is interrupted, or empty
     */
    static <T, A> int all(
            Output output,
            Collection<T> ids,
            Function<T, A> work,
            BiConsumer<T, A> done,
            BiFunction<T, Failure, Failure> refusal,
            String unfinished) {
        Map<T, Future<A>> asked = new LinkedHashMap<>();
        int exitCode = 0;
        var tally = new Tally(ids.size(), System::nanoTime);
        try (var _ = new Progress(output, ids.size() > 1 && output.notesOnTerminal(), QUIET, tally);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ids.forEach(id -> asked.put(id, threads.submit(() -> tally.counting(() -> work.apply(id)))));
            for (Map.Entry<T, Future<A>> one : asked.entrySet()) {
                try {
                    done.accept(one.getKey(), one.getValue().get());
                } catch (ExecutionException failed) {
                    CommandFailed expected = expected(failed);
                    Failure failure = expected.failure();
                    output.failure(refusal.apply(one.getKey(), failure), expected.op());
                    exitCode = exitCode == 0 ? failure.reason().exitCode() : exitCode;
                } catch (InterruptedException interrupted) {
                    threads.shutdownNow();
                    Thread.currentThread().interrupt();
                    throw new CommandFailed(
                            Reason.TIMED_OUT, "interrupted before all had answered", unfinished, interrupted);
                }
            }
        }
        return exitCode;
    }

    private static CommandFailed expected(ExecutionException failed) {
        if (failed.getCause() instanceof CommandFailed expected) {
            return expected;
        }
        throw new IllegalStateException(failed.getCause());
    }

    /** The same, that says of which one. */
    static Failure naming(Object id, Failure failure) {
        return failure.message().contains(id.toString())
                ? failure
                : new Failure(failure.reason(), id + ": " + failure.message(), failure.hint());
    }
}
