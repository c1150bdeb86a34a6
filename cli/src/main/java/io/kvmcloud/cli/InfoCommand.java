package io.kvmcloud.cli;

import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceView;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code info}: everything that is known of an instance. */
@Command(
        name = "info",
        description = "Show everything that is known of an instance.",
        footer = {"kvm-cloud info s1/1000", "kvm-cloud info web-1", "kvm-cloud info s1/1000 -f value -c address,sshPort"
        })
final class InfoCommand implements Callable<Integer> {

    private final Cloud cloud;

    @Mixin
    private final Results<InstanceRow> results;

    @Mixin
    private final OneInstance instance = new OneInstance();

    InfoCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        results = new Results<>(output, InfoCommand::columns);
    }

    private static Columns<InstanceRow> columns() {
        Function<InstanceRow, InstanceView> instance = InstanceRow::instance;
        return new Columns<InstanceRow>()
                .with("id", "ID", instance.andThen(InstanceView::id))
                .given("name", "name", instance.andThen(InstanceView::name))
                .with("status", "status", InstancesCommand::bareStatus, InstancesCommand::status)
                .with("template", "template", instance.andThen(InstanceView::template))
                .with(
                        "memory",
                        "RAM",
                        instance.andThen(view -> view.memory().mebibytes()),
                        instance.andThen(view -> view.memory().toString()))
                .with("cpus", "CPUs", instance.andThen(InstanceView::cpus))
                .with(
                        "disk",
                        "disk",
                        instance.andThen(view -> view.disk().mebibytes()),
                        instance.andThen(view -> view.disk().toString()))
                .with("sshPort", "SSH port", instance.andThen(InstanceView::sshPort))
                .with("address", "address", instance.andThen(InstanceView::address))
                .with("login", "login", instance.andThen(InstanceView::login))
                .with("created", "created", instance.andThen(InstanceView::created))
                .with("boot", "boot", instance.andThen(view -> view.boot().kind()), instance.andThen(InfoCommand::boot))
                .given("forwards", "forwards", instance.andThen(InstanceColumns::forwards))
                .with("ageSeconds", "heard of", InstanceRow::ageSeconds, row -> Math.round(row.ageSeconds()) + " s ago")
                .given("note", "note", instance.andThen(InstanceView::note));
    }

    @Override
    public Integer call() {
        results.one(instance.row(cloud));
        return 0;
    }

    /** Its stages, as {@code launch} told them. */
    private static String boot(InstanceView instance) {
        BootReport boot = instance.boot();
        boolean known = !boot.kind().isEmpty() && instance.diskMillis() > 0;
        return boot + (known ? "; disk " + instance.diskMillis() + " ms" : "");
    }
}
