package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stop}: asks the guests to power down. */
@Command(
        name = "stop",
        description = "Ask the guests to power down and wait until they have.",
        footer = {"kvm-cloud stop s1/1000 s2/2000", "kvm-cloud stop s1/1000 --timeout 120"})
final class StopCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long a guest may take (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--force", description = "End a guest that has not powered down by then.")
    private boolean force;

    @Parameters(paramLabel = "ID", arity = "1", description = "One or several, like s1/1000.")
    private List<InstanceId> ids = List.of();

    StopCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
    }

    @Override
    public Integer call() {
        Failures.valid(() -> new StopInstance(ids.getFirst(), seconds, force), "write it like --timeout 60");
        Duration work = Duration.ofSeconds(seconds);
        return new EachInstance<>(output, results)
                .call(
                        opId,
                        ids,
                        (id, op) -> cloud.ask(new StopInstance(id, seconds, force), op, work)
                                .instance());
    }
}
