package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ForgetController;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reply.ControllerForgotten;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code controllers forget}: gives up hosts that are lost. */
@Command(
        name = "forget",
        description = {
            "Give up controllers that are lost for good, with their instances.",
            "What waited to learn whether they have it goes on. One that returns is there again."
        })
final class ForgetCommand implements Callable<Integer> {

    /** A manager lets the controller's queue run empty first. */
    private static final Duration WORK = Duration.ofSeconds(10);

    private final Cloud cloud;
    private final Output output;

    @Parameters(paramLabel = "CONTROLLER", arity = "1", description = "One or several, like s3.")
    private List<ControllerName> names = List.of();

    ForgetCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public Integer call() {
        return new EachInstance(output).call(new OpId(), names, (name, op) -> {
            ControllerForgotten gone = cloud.ask(new ForgetController(name), op, WORK);
            if (gone.instances() + gone.commands() > 0) {
                output.note(name + ": given up with " + gone.instances() + " instances and " + gone.commands()
                        + " waiting commands");
            }
            return gone;
        });
    }
}
