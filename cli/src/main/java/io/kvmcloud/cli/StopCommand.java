package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code stop}: asks the guests to power down. */
@Command(
        name = "stop",
        description = "Ask the guests to power down and wait until they have.",
        footer = {"kvm-cloud stop s1/1000 s2/2000", "kvm-cloud stop s1/1000 --timeout 120"})
final class StopCommand implements Callable<Integer> {

    private static final InstanceId ANY = InstanceId.parse("s1/1");

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

    @Mixin
    private final Targets targets;

    StopCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
        targets = new Targets(cloud, output);
    }

    @Override
    public Integer call() {
        Failures.valid(() -> new StopInstance(ANY, seconds, force), "write it like --timeout 60");
        Duration work = Duration.ofSeconds(seconds);
        return targets.each(
                new EachInstance<>(output, results),
                opId,
                (id, op) -> cloud.ask(new StopInstance(id, seconds, force), op, work)
                        .instance());
    }
}
