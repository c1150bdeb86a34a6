package io.kvmcloud.settings;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reply.Failure;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** How a program that serves begins and ends: why it cannot is said in words, and its exit code tells of what kind that is. */
public final class Daemon {

    private Daemon() {}

    /** Runs it until it ends; returns its exit code. */
    public static int run(Callable<Integer> program, String... arguments) {
        return new CommandLine(program)
                .setExecutionExceptionHandler((failed, line, _) -> {
                    if (!(failed instanceof CommandFailed expected)) {
                        throw failed;
                    }
                    Failure failure = expected.failure();
                    line.getErr().println(line.getCommandName() + ": " + failure.message());
                    if (!failure.hint().isEmpty()) {
                        line.getErr().println("  hint: " + failure.hint());
                    }
                    return failure.reason().exitCode();
                })
                .execute(arguments);
    }
}
