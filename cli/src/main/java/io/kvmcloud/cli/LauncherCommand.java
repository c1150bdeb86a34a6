package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;

/** The launcher script's verbs, which start and stop the programs themselves: here only for help, completion and manual. */
@Command
final class LauncherCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    private LauncherCommand() {}

    /** What ./kvm-cloud does itself (local/up, local/down, local/status). */
    static List<CommandLine> all() {
        return List.of(
                verb("up", "Start a whole cloud on this machine: broker, manager, two controllers, a template."),
                verb(
                        "down",
                        "Stop the cloud of this machine; instances stay on disk.",
                        option("Do not ask the guests to shut down first.", "--now"),
                        option("Remove instances, templates and passwords too.", "--purge"),
                        option("Do not ask before that.", "-y", "--yes")),
                verb("status", "Show what runs of the cloud of this machine."));
    }

    private static CommandLine verb(String name, String purpose, OptionSpec... options) {
        CommandSpec verb = CommandSpec.forAnnotatedObject(new LauncherCommand()).name(name);
        verb.usageMessage().description(purpose);
        List.of(options).forEach(verb::addOption);
        verb.addPositional(
                PositionalParamSpec.builder().arity("0..*").hidden(true).build());
        return new CommandLine(verb).setUnmatchedOptionsArePositionalParams(true);
    }

    private static OptionSpec option(String purpose, String... names) {
        return OptionSpec.builder(names).description(purpose).build();
    }

    @Override
    public Integer call() {
        CommandSpec verb = Arguments.given(spec);
        List<String> typed = verb.root().commandLine().getParseResult().originalArgs();
        throw new CommandFailed(
                Reason.INVALID,
                "'" + verb.name() + "' is done by the script ./kvm-cloud, not in here",
                "type `./kvm-cloud " + String.join(" ", typed) + "` in the directory of KVM-cloud");
    }
}
