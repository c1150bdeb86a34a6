package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** What is thrown while a verb works becomes message, hint and exit code here, and nowhere else. */
record Failures(Output output, boolean debug) implements IExecutionExceptionHandler {

    @Override
    public int handleExecutionException(Exception thrown, CommandLine verb, ParseResult parsed) {
        if (debug) {
            thrown.printStackTrace();
        }
        if (thrown instanceof Output.Closed) {
            return Output.Closed.EXIT_CODE;
        }
        CommandFailed failed = thrown instanceof CommandFailed expected ? expected : new CommandFailed(defect(thrown));
        Reply.Failure failure = failed.failure();
        output.failure(failure, failed.op());
        return failure.reason().exitCode();
    }

    /** Builds something that checks itself, so that what is wrong with it is known before anything is sent. */
    static <T> T valid(Supplier<T> value, String hint) {
        try {
            return value.get();
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailed(Reason.INVALID, String.valueOf(wrong.getMessage()), hint, wrong);
        }
    }

    private static Reply.Failure defect(Exception thrown) {
        return new Reply.Failure(
                Reason.FAILED,
                "this is a defect of kvm-cloud: " + thrown,
                "KVM_CLOUD_DEBUG=1 shows where; please report it");
    }
}
