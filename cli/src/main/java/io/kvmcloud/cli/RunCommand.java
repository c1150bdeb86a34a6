package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.InstanceId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code run}: starts OFFLINE instances. */
@Command(name = "run", aliases = "start", description = "Start OFFLINE instances.")
final class RunCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Parameters(paramLabel = "ID", arity = "1", description = "One or several, like s1/1000.")
    private List<InstanceId> ids = List.of();

    RunCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public Integer call() {
        return new EachInstance(output)
                .call(ids, id -> cloud.ask(new RunInstance(id)).instance());
    }
}
