package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code restart}: stops guests and starts them again. */
@Command(
        name = "restart",
        description = "Ask the guests to power down, and start them again.",
        footer = {"kvm-cloud restart s1/1000 s2/2000", "kvm-cloud restart s1/1000 --timeout 120"})
final class RestartCommand implements Callable<Integer> {

    private static final InstanceId ANY = InstanceId.parse("s1/1");

    private static final Duration STARTS = Duration.ofSeconds(60);

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
            description = "How long a guest may take to power down (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Mixin
    private final Targets targets;

    RestartCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
        targets = new Targets(cloud, output);
    }

    @Override
    public Integer call() {
        Failures.valid(() -> new RestartInstance(ANY, seconds), "write it like --timeout 60");
        Duration work = Duration.ofSeconds(seconds).plus(STARTS);
        return targets.each(
                new EachInstance<>(output, results),
                opId,
                (id, op) ->
                        cloud.ask(new RestartInstance(id, seconds), op, work).instance());
    }
}
