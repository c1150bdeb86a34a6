package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code instances}: the list, from the manager's table. */
@Command(
        name = "instances",
        aliases = {"list", "ls"},
        description = "List the instances.")
final class InstancesCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    InstancesCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public Integer call() {
        List<InstanceRow> rows = cloud.ask(new ListInstances()).instances();
        var table = new Table("ID", "template", "RAM", "CPUs", "SSH port", "status");
        for (InstanceRow row : rows) {
            InstanceView instance = row.instance();
            table.row(
                    instance.id().toString(),
                    instance.template(),
                    Long.toString(instance.memory().mebibytes()),
                    Integer.toString(instance.cpus()),
                    sshPort(instance),
                    status(row));
        }
        output.result(rows, table.toString());
        if (rows.isEmpty()) {
            output.note("no instances yet; `kvm-cloud new TEMPLATE RAM CPUS` makes one");
        }
        rows.stream()
                .map(InstanceRow::instance)
                .filter(instance -> instance.status() == InstanceStatus.FAILED)
                .forEach(instance -> output.note(instance.id() + ": " + instance.note()));
        return 0;
    }

    /** What is known of it, or that nobody knows and for how long. */
    static String status(InstanceRow row) {
        return row.reachable() ? row.instance().status().name() : unreachable(row.ageSeconds());
    }

    /** The status of whoever has not been heard of for this long. */
    static String unreachable(double ageSeconds) {
        return "UNREACHABLE (" + Math.round(ageSeconds) + "s)";
    }

    private static String sshPort(InstanceView instance) {
        return switch (instance.status()) {
            case OFFLINE, FAILED -> "-";
            case STARTING, ONLINE, STOPPING -> Integer.toString(instance.sshPort());
        };
    }
}
