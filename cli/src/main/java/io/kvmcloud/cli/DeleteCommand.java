package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.InstanceDeleted;
import io.kvmcloud.messages.Text;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code delete}: removes instances with their disks. */
@Command(
        name = "delete",
        aliases = "rm",
        description = "Remove instances with their disks.",
        footer = {
            "kvm-cloud delete s1/1000 s2/2000",
            "kvm-cloud delete -f s1/1000",
            "kvm-cloud delete 's2/*' --dry-run",
            "kvm-cloud delete --all -f -y",
            "kvm-cloud instances -q status=failed | xargs kvm-cloud delete"
        })
final class DeleteCommand implements Callable<Integer> {

    private static final int MOST_SHOWN = 8;

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;

    @Mixin
    private final Results<Done<InstanceDeleted>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Option(
            names = {"-f", "--force"},
            description = "Also when they are running, and when their controller is away: then on its return.")
    private boolean force;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask before instances are removed that were not named in full.")
    private boolean yes;

    @Mixin
    private final Targets targets;

    DeleteCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
        targets = new Targets(cloud, output);
        results = new Results<>(output, DeleteCommand::columns);
    }

    private static Columns<Done<InstanceDeleted>> columns() {
        return new Columns<Done<InstanceDeleted>>()
                .with("id", "ID", done -> done.result().id())
                .given("note", "note", done -> done.result().note())
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        requireNoFormat();
        return targets.each(new EachInstance<>(output, results), opId, this::requireYes, (id, op) -> {
            InstanceDeleted deleted = cloud.ask(new DeleteInstance(id, force), op);
            if (!deleted.note().isEmpty()) {
                output.note(id + ": " + deleted.note());
            }
            return deleted;
        });
    }

    /** {@code delete web -f json}, as it is written elsewhere, would here also end what runs. */
    private void requireNoFormat() {
        for (String word : targets.words()) {
            if (force
                    && Format.isName(word)
                    && cloud.instances().stream()
                            .noneMatch(row -> row.instance().name().startsWith(word))) {
                throw new CommandFailed(
                        Reason.INVALID,
                        "nothing was deleted: there is no instance '" + word + "', and here -f is --force",
                        "write it like --format " + word);
            }
        }
    }

    /** A disk does not come back: who writes a part of a name, a pattern or --all sees first what that means. */
    private void requireYes(List<InstanceRow> guessed) {
        if (yes) {
            return;
        }
        String which = Text.some(
                guessed.stream().map(row -> Selector.label(row.instance())).toList(), MOST_SHOWN);
        if (!surroundings.terminal()) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "nothing was deleted: " + which + " would be, and nobody is here to say yes",
                    "-y says yes, --dry-run shows all of them; an id or name in full is never asked about");
        }
        if (!output.ask("Delete " + which + "?")) {
            throw new CommandFailed(Reason.REFUSED, "nothing was deleted: you did not say yes", "");
        }
    }
}
