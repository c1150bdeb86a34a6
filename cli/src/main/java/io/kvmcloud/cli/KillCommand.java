package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.InstanceView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kill}: ends an instance's QEMU. */
@Command(
        name = "kill",
        description = "End instances at once, without asking the guest; the disk stays.",
        footer = "kvm-cloud kill s1/1000 s2/2000")
final class KillCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Mixin
    private final Targets targets;

    KillCommand(Cloud cloud, Output output) {
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
                (id, op) -> cloud.ask(new KillInstance(id), op).instance());
    }
}
