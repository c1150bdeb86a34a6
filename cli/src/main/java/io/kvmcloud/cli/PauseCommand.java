package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.InstanceView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pause}: freezes guests. */
@Command(
        name = "pause",
        description = "Freeze instances: their guests stand still, their memory stays.",
        footer = "kvm-cloud pause s1/1000 s2/2000")
final class PauseCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Mixin
    private final Targets targets;

    PauseCommand(Cloud cloud, Output output) {
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
                (id, op) -> cloud.ask(new PauseInstance(id), op).instance());
    }
}
