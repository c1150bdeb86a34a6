package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reply.InstanceDeleted;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code delete}: removes instances with their disks. */
@Command(
        name = "delete",
        aliases = "rm",
        description = "Remove instances with their disks.",
        footer = {
            "kvm-cloud delete s1/1000 s2/2000",
            "kvm-cloud delete -f s1/1000",
            "kvm-cloud instances -q status=failed | xargs kvm-cloud delete"
        })
final class DeleteCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceDeleted>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Option(
            names = {"-f", "--force"},
            description = "Also when they are running, and when their controller is away: then on its return.")
    private boolean force;

    @Parameters(paramLabel = "ID", arity = "1", description = "One or several, like s1/1000.")
    private List<InstanceId> ids = List.of();

    DeleteCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
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
        return new EachInstance<>(output, results).call(opId, ids, (id, op) -> {
            InstanceDeleted deleted = cloud.ask(new DeleteInstance(id, force), op);
            if (!deleted.note().isEmpty()) {
                output.note(id + ": " + deleted.note());
            }
            return deleted;
        });
    }
}
