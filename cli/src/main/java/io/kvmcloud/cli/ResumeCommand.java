package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.InstanceView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code resume}: lets paused guests go on. */
@Command(name = "resume", description = "Let paused instances go on.", footer = "kvm-cloud resume s1/1000 s2/2000")
final class ResumeCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Mixin
    private final Targets targets;

    ResumeCommand(Cloud cloud, Output output) {
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
                (id, op) -> cloud.ask(new ResumeInstance(id), op).instance());
    }
}
