package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/**
 * One verb for one or several instances, or controllers: all are asked at once, told of in the order typed, and each
 * failure is printed; the first one is the exit code.
 */
record EachInstance<R>(Output output, Results<Done<R>> results) {

    /**
     * @param opId of what is asked
     * @param work asks for one of them under an id
     */
    <T> int call(OpId opId, List<T> ids, BiFunction<T, Op, R> work) {
        Map<T, Future<Done<R>>> asked = new LinkedHashMap<>();
        List<Done<R>> done = new ArrayList<>();
        int exitCode = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (T id : ids) {
                Op op = opId.op(id, ids);
                asked.computeIfAbsent(id, _ -> threads.submit(() -> new Done<>(work.apply(id, op), op.id())));
            }
            for (Map.Entry<T, Future<Done<R>>> one : asked.entrySet()) {
                try {
                    done.add(one.getValue().get());
                    results.each(done.getLast(), asked.size() == 1 ? "OK" : one.getKey() + " OK");
                } catch (ExecutionException failed) {
                    CommandFailed expected = expected(failed);
                    Failure failure = expected.failure();
                    output.failure(asked.size() == 1 ? failure : naming(one.getKey(), failure), expected.op());
                    exitCode = exitCode == 0 ? failure.reason().exitCode() : exitCode;
                } catch (InterruptedException interrupted) {
                    threads.shutdownNow();
                    Thread.currentThread().interrupt();
                    throw new CommandFailed(
                            Reason.TIMED_OUT,
                            "interrupted before " + one.getKey() + " had answered",
                            "`kvm-cloud instances` shows what became of it",
                            interrupted);
                }
            }
        }
        results.end(done);
        return exitCode;
    }

    private static CommandFailed expected(ExecutionException failed) {
        if (failed.getCause() instanceof CommandFailed expected) {
            return expected;
        }
        throw new IllegalStateException(failed.getCause());
    }

    private static Failure naming(Object id, Failure failure) {
        return failure.message().contains(id.toString())
                ? failure
                : new Failure(failure.reason(), id + ": " + failure.message(), failure.hint());
    }
}
