package io.kvmcloud.cli;

import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceView;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code info}: everything that is known of an instance. */
@Command(name = "info", description = "Show everything that is known of an instance.")
final class InfoCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Parameters(paramLabel = "ID", description = "Like s1/1000.")
    private @Nullable InstanceId id;

    InfoCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public Integer call() {
        InstanceRow row = cloud.instance(Arguments.given(id));
        InstanceView instance = row.instance();
        var table = new Table("ID", instance.id().toString())
                .row("status", InstancesCommand.status(row))
                .row("template", instance.template())
                .row("RAM", instance.memory().toString())
                .row("CPUs", Integer.toString(instance.cpus()))
                .row("SSH port", Integer.toString(instance.sshPort()))
                .row("address", instance.address())
                .row("login", instance.login().isEmpty() ? "-" : instance.login())
                .row("created", instance.created().toString())
                .row("boot", instance.boot().toString())
                .row("heard of", Math.round(row.ageSeconds()) + " s ago");
        if (!instance.note().isEmpty()) {
            table.row("note", instance.note());
        }
        output.result(row, table.toString());
        return 0;
    }
}
