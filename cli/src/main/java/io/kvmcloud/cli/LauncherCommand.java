package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The launcher script's verbs, which start and stop the programs themselves: here only for help and completion. */
@Command
final class LauncherCommand implements Callable<Integer> {

    private final String verb;

    @Parameters(paramLabel = "ARGUMENT", hidden = true)
    private List<String> passed = List.of();

    LauncherCommand(String verb) {
        this.verb = verb;
    }

    @Override
    public Integer call() {
        throw new CommandFailed(
                Reason.INVALID,
                "'" + verb + "' is done by the script ./kvm-cloud, not in here",
                "type `./kvm-cloud " + (verb + " " + String.join(" ", passed)).strip()
                        + "` in the directory of KVM-cloud");
    }
}
