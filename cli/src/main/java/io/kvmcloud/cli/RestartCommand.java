package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code restart}: stops guests and starts them again. */
@Command(
        name = "restart",
        description = "Ask the guests to power down, and start them again.",
        footer = {"kvm-cloud restart s1/1000 s2/2000", "kvm-cloud restart s1/1000 --timeout 120"})
final class RestartCommand implements Callable<Integer> {

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

    @Parameters(paramLabel = "ID", arity = "1", description = "One or several, like s1/1000.")
    private List<InstanceId> ids = List.of();

    RestartCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
    }

    @Override
    public Integer call() {
        Failures.valid(() -> new RestartInstance(ids.getFirst(), seconds), "write it like --timeout 60");
        Duration work = Duration.ofSeconds(seconds).plus(STARTS);
        return new EachInstance<>(output, results)
                .call(
                        opId,
                        ids,
                        (id, op) -> cloud.ask(new RestartInstance(id, seconds), op, work)
                                .instance());
    }
}
