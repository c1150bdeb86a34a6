package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.AddForward;
import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.InstanceForwarded;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code forward}: ports of the host that lead to an instance, beside the one for SSH. */
@Command(
        name = "forward",
        description = {
            "Make a port of the host lead to one of an instance's; list those, or end one.",
            "At once when it runs, and at each of its starts."
        },
        footer = {
            "kvm-cloud forward s1/1000 8080:80",
            "kvm-cloud forward s1/1000 :80 -f value -c host",
            "kvm-cloud forward s1/1000",
            "kvm-cloud forward s1/1000 --remove 8080"
        })
final class ForwardCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<Row>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Mixin
    private final OneInstance instance = new OneInstance();

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "HOST:GUEST",
            description = "Like 8080:80 or 5353:53/udp; :80 takes any free port of the host.")
    private @Nullable Forward forward;

    @Option(names = "--remove", paramLabel = "HOST", description = "End the one at this port, like 8080 or 5353/udp.")
    private Forward.@Nullable Port port;

    ForwardCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, ForwardCommand::columns);
    }

    /**
     * A forward, where clients reach it.
     *
     * @param guest null when it has ended
     */
    private record Row(String address, int host, @Nullable Integer guest, Forward.Protocol protocol) {

        static Row of(InstanceView instance, Forward forward) {
            return new Row(instance.address(), forward.host(), forward.guest(), forward.protocol());
        }

        Forward.Port port() {
            return new Forward.Port(host, protocol);
        }
    }

    private static Columns<Done<Row>> columns() {
        Function<Done<Row>, Row> row = Done::result;
        return new Columns<Done<Row>>()
                .with(
                        "port",
                        "port",
                        row.andThen(one -> one.port().toString()),
                        row.andThen(one -> one.address() + ":" + one.host()))
                .with("guest", "guest", row.andThen(one -> one.guest() == null ? "" : one.guest()))
                .with("protocol", "protocol", row.andThen(one -> one.protocol().toString()))
                .more("host", row.andThen(Row::host))
                .more("address", row.andThen(Row::address))
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        if (forward != null && port != null) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "'forward' takes HOST:GUEST or --remove, not both",
                    "write it like `kvm-cloud forward " + instance.word() + " " + forward + "`");
        }
        if (forward != null) {
            add(new AddForward(instance.id(cloud), forward));
        } else if (port != null) {
            remove(new RemoveForward(instance.id(cloud), port));
        } else {
            list(instance.row(cloud).instance());
        }
        return 0;
    }

    private void add(AddForward command) {
        Op op = opId.op();
        InstanceForwarded done = cloud.ask(command, op);
        tell(Row.of(done.instance(), done.forward()), op, sentence(done.instance(), done.forward()));
        InstanceStatus status = done.instance().status();
        if (status == InstanceStatus.OFFLINE || status == InstanceStatus.FAILED) {
            output.note("from its next start on: it is " + status);
        }
    }

    private void remove(RemoveForward command) {
        Op op = opId.op();
        InstanceView instance = cloud.ask(command, op).instance();
        Forward.Port ended = command.port();
        tell(new Row(instance.address(), ended.number(), null, ended.protocol()), op, "OK");
    }

    private void tell(Row row, Op op, String text) {
        var done = new Done<>(row, op.id());
        results.each(done, text);
        results.end(List.of(done));
    }

    private void list(InstanceView instance) {
        results.list(instance.forwards().stream()
                .map(one -> new Done<>(Row.of(instance, one), ""))
                .toList());
        if (instance.forwards().isEmpty()) {
            output.note("none but its SSH port, " + instance.sshPort() + "; `kvm-cloud forward " + instance.id()
                    + " :80` adds one");
        }
    }

    /** Says beside the result where the ports of an instance are reached. */
    static void note(Output output, InstanceView instance) {
        instance.forwards().forEach(forward -> output.note(sentence(instance, forward)));
    }

    /** Where a port of a guest is reached. */
    private static String sentence(InstanceView instance, Forward forward) {
        return instance.address() + ":" + forward.host() + " leads to port " + forward.guest() + " of " + instance.id()
                + (forward.protocol() == Forward.Protocol.UDP ? " (udp)" : "");
    }
}
