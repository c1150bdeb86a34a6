package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.UndrainController;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reply.ControllerUndrained;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code undrain}: puts hosts back into placement. */
@Command(name = "undrain", description = "Give controllers new instances again.", footer = "kvm-cloud undrain s2")
final class UndrainCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<ControllerUndrained>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(paramLabel = "CONTROLLER", arity = "1", description = "One or several, like s2.")
    private List<ControllerName> names = List.of();

    UndrainCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, UndrainCommand::columns);
    }

    private static Columns<Done<ControllerUndrained>> columns() {
        return new Columns<Done<ControllerUndrained>>()
                .with("controller", "controller", done -> done.result().controller())
                .with("instances", "instances", done -> done.result().instances())
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        return new EachInstance<>(output, results)
                .call(opId, names, (name, op) -> cloud.ask(new UndrainController(name), op));
    }
}
