package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceView;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is known of an instance, as columns; the seed's table first. */
final class InstanceColumns {

    private InstanceColumns() {}

    /** Of instances to which something was done. */
    static Columns<Done<InstanceView>> ofDone() {
        Function<Done<InstanceView>, String> status =
                done -> done.result().status().name();
        return of(Done<InstanceView>::result, status, status).more("op", Done::op);
    }

    /**
     * Of rows with an instance in them.
     *
     * @param status for programs
     * @param statusText for people
     */
    static <T> Columns<T> of(
            Function<T, InstanceView> instance, Function<T, String> status, Function<T, String> statusText) {
        return new Columns<T>()
                .with("id", "ID", instance.andThen(InstanceView::id))
                .given("name", "name", instance.andThen(InstanceView::name))
                .with("template", "template", instance.andThen(InstanceView::template))
                .with("memory", "RAM", instance.andThen(view -> view.memory().mebibytes()))
                .with("cpus", "CPUs", instance.andThen(InstanceView::cpus))
                .with(
                        "sshPort",
                        "SSH port",
                        instance.andThen(InstanceView::sshPort),
                        instance.andThen(InstanceColumns::sshPort))
                .with("status", "status", status, statusText)
                .more("disk", instance.andThen(view -> view.disk().mebibytes()))
                .more("host", instance.andThen(view -> view.id().controller()))
                .more("address", instance.andThen(InstanceView::address))
                .more("login", instance.andThen(InstanceView::login))
                .more("created", instance.andThen(InstanceView::created))
                .more("forwards", instance.andThen(InstanceColumns::forwards))
                .more("boot", instance.andThen(view -> view.boot().kind()))
                .more("note", instance.andThen(InstanceView::note));
    }

    /** {@code 8080:80/tcp 5353:53/udp}. */
    static String forwards(InstanceView instance) {
        return instance.forwards().stream().map(Forward::toString).collect(Collectors.joining(" "));
    }

    /** The port if it leads to the guest now; OFFLINE it is only kept for it. */
    private static String sshPort(InstanceView instance) {
        return switch (instance.status()) {
            case OFFLINE, FAILED -> "";
            case STARTING, ONLINE, PAUSED, STOPPING -> Integer.toString(instance.sshPort());
        };
    }
}
