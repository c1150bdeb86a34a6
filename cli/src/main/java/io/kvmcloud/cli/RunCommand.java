package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.InstanceView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code run}: starts OFFLINE instances. */
@Command(
        name = "run",
        aliases = "start",
        description = "Start OFFLINE instances.",
        footer = {"kvm-cloud run s1/1000 s2/2000", "kvm-cloud run s1/1000 --op-id deploy-7"})
final class RunCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Mixin
    private final Targets targets;

    RunCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
        targets = new Targets(cloud, output);
    }

    @Override
    public Integer call() {
        return targets.each(
                new EachInstance<>(output, results),
                opId,
                (id, op) -> cloud.ask(new RunInstance(id), op).instance());
    }
}
