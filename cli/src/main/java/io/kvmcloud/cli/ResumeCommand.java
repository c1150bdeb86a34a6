package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code resume}: lets paused guests go on. */
@Command(name = "resume", description = "Let paused instances go on.", footer = "kvm-cloud resume s1/1000 s2/2000")
final class ResumeCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(paramLabel = "ID", arity = "1", description = "One or several, like s1/1000.")
    private List<InstanceId> ids = List.of();

    ResumeCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
    }

    @Override
    public Integer call() {
        return new EachInstance<>(output, results)
                .call(
                        opId,
                        ids,
                        (id, op) -> cloud.ask(new ResumeInstance(id), op).instance());
    }
}
