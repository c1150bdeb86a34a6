package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reply.InstanceLog;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code logs}: the end of the serial console, and what comes then. */
@Command(
        name = "logs",
        description = "Show the end of an instance's serial console.",
        footer = {"kvm-cloud logs s1/1000", "kvm-cloud logs s1/1000 -n 20", "kvm-cloud logs s1/1000 -f"})
final class LogsCommand implements Callable<Integer> {

    private static final int SECONDS = 10;

    private final Cloud cloud;
    private final Output output;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "LINES",
            defaultValue = "100",
            description = "How many lines, 1 to 10000 (default: ${DEFAULT-VALUE}).")
    private int lines;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what the guest writes; Ctrl-C ends it.")
    private boolean follow;

    @Mixin
    private final OneInstance instance = new OneInstance();

    LogsCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public Integer call() {
        InstanceId id = instance.id(cloud);
        ReadLog command = Failures.valid(() -> new ReadLog(id, lines), "write it like -n 100");
        InstanceLog log = cloud.ask(command);
        if (follow) {
            output.part(log, log.text());
            var follower = new LogFollower(output, SECONDS, cloud::ask, false, _ -> false);
            ReaderWatch.whileRead(() -> follower.follow(log));
            return 0;
        }
        output.result(log, log.text());
        if (log.text().isEmpty()) {
            output.note("nothing has been written to the serial console of " + id + " yet");
        }
        return 0;
    }
}
