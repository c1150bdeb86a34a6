package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.ForgetController;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reply.ControllerForgotten;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code controllers forget}: gives up hosts that are lost. */
@Command(
        name = "forget",
        description = {
            "Give up controllers that are lost for good, with their instances.",
            "What waited to learn whether they have it goes on. One that returns is there again."
        },
        footer = "kvm-cloud controllers forget s3")
final class ForgetCommand implements Callable<Integer> {

    /** A manager lets the controller's queue run empty first. */
    private static final Duration WORK = Duration.ofSeconds(10);

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<ControllerForgotten>> results;

    @Parameters(paramLabel = "CONTROLLER", arity = "1", description = "One or several, like s3.")
    private List<ControllerName> names = List.of();

    ForgetCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, ForgetCommand::columns);
    }

    private static Columns<Done<ControllerForgotten>> columns() {
        return new Columns<Done<ControllerForgotten>>()
                .with("controller", "controller", done -> done.result().controller())
                .with("instances", "instances", done -> done.result().instances())
                .with("commands", "commands", done -> done.result().commands())
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        return new EachInstance<>(output, results).call(new OpId(), names, (name, op) -> {
            ControllerForgotten gone = cloud.ask(new ForgetController(name), op, WORK);
            if (gone.instances() + gone.commands() > 0) {
                output.note(name + ": given up with " + gone.instances() + " instances and " + gone.commands()
                        + " waiting commands");
            }
            return gone;
        });
    }
}
