package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reply.InstanceLog;
import java.io.InputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code console}: a running instance's serial line. */
@Command(
        name = "console",
        description = {
            "Show a running instance's serial console and type into it, also while it boots.",
            "On a terminal, ~. at the beginning of a line leaves and ~? helps. What is piped in is typed; it ends when"
                    + " that has ended and the guest has been silent for two seconds."
        },
        footer = {"kvm-cloud console s1/1000", "echo reboot | kvm-cloud console s1/1000 -n 0"})
final class ConsoleCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;
    private final InputStream stdin;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "LINES",
            defaultValue = "100",
            description = "How many lines of before to show first, 0 to 10000 (default: ${DEFAULT-VALUE}).")
    private int lines;

    @Mixin
    private final OneInstance instance = new OneInstance();

    /** @param stdin what is typed */
    ConsoleCommand(Cloud cloud, Output output, Surroundings surroundings, InputStream stdin) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
        this.stdin = stdin;
    }

    @Override
    public Integer call() {
        InstanceId id = instance.id(cloud);
        ReadLog command =
                Failures.valid(() -> new ReadLog(id, lines == 0 ? 1 : lines), "write it like -n 100, or -n 0 for none");
        InstanceLog before = cloud.ask(command);
        var sitting = new ConsoleSitting(cloud, output, id);
        sitting.requireRunning(before);
        if (surroundings.terminal()) {
            output.note("the console of " + id + "; ~. at the beginning of a line leaves, ~? helps");
        }
        if (lines > 0) {
            output.part(before, before.text());
        }
        if (surroundings.terminal()) {
            sitting.person(before, stdin);
        } else if (surroundings.inputOnTerminal() || surroundings.script()) {
            ReaderWatch.whileRead(() -> sitting.look(before));
        } else {
            ReaderWatch.whileRead(() -> sitting.script(before, stdin));
        }
        return 0;
    }
}
