package io.kvmcloud.cli;

import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code instances}: the list, from the manager's table. */
@Command(
        name = "instances",
        aliases = {"list", "ls"},
        description = "List the instances.",
        footer = {
            "kvm-cloud instances",
            "kvm-cloud instances status=online host=s1",
            "kvm-cloud instances template=deb* --sort -memory",
            "kvm-cloud instances -f csv -c id,address,sshPort,created",
            "kvm-cloud instances -q status=offline | xargs kvm-cloud run"
        })
final class InstancesCommand implements Callable<Integer> {

    /** The status of what has not been heard of for too long, for programs. */
    static final String UNREACHABLE = "UNREACHABLE";

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Listing<InstanceRow> listing;

    InstancesCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        listing = new Listing<>(output, InstancesCommand::columns);
    }

    private static Columns<InstanceRow> columns() {
        return InstanceColumns.of(InstanceRow::instance, InstancesCommand::bareStatus, InstancesCommand::status)
                .more("ageSeconds", InstanceRow::ageSeconds)
                .more("reachable", InstanceRow::reachable);
    }

    @Override
    public Integer call() {
        listing.show(cloud.instances(), "no instances yet; `kvm-cloud new TEMPLATE RAM CPUS` makes one").stream()
                .map(InstanceRow::instance)
                .filter(instance -> instance.status() == InstanceStatus.FAILED)
                .forEach(instance -> output.note(instance.id() + ": " + instance.note()));
        return 0;
    }

    /** What is known of it, or that nobody knows. */
    static String bareStatus(InstanceRow row) {
        return row.reachable() ? row.instance().status().name() : UNREACHABLE;
    }

    /** The same, and for how long. */
    static String status(InstanceRow row) {
        return row.reachable() ? bareStatus(row) : unreachable(row.ageSeconds());
    }

    /** The status of whoever has not been heard of for this long. */
    static String unreachable(double ageSeconds) {
        return UNREACHABLE + " (" + Math.round(ageSeconds) + "s)";
    }
}
