package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.DrainController;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reply.ControllerDrained;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code drain}: takes hosts out of placement. */
@Command(
        name = "drain",
        description = {
            "Give controllers no new instances; those they have go on.",
            "It stays so when anything is started again, until `undrain`."
        },
        footer = "kvm-cloud drain s2")
final class DrainCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<ControllerDrained>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(paramLabel = "CONTROLLER", arity = "1", description = "One or several, like s2.")
    private List<ControllerName> names = List.of();

    DrainCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, DrainCommand::columns);
    }

    private static Columns<Done<ControllerDrained>> columns() {
        return new Columns<Done<ControllerDrained>>()
                .with("controller", "controller", done -> done.result().controller())
                .with("instances", "instances", done -> done.result().instances())
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        return new EachInstance<>(output, results).call(opId, names, (name, op) -> {
            ControllerDrained drained = cloud.ask(new DrainController(name), op);
            if (drained.instances() > 0) {
                output.note(name + ": its instances go on, " + drained.instances() + "; `kvm-cloud instances host="
                        + name + "` lists them");
            }
            return drained;
        });
    }
}
