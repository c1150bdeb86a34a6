package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code new}: an instance that is OFFLINE, on the controller whose turn it is. */
@Command(
        name = "new",
        description = {
            "Create an instance, OFFLINE; `run` starts it.",
            "The controllers that offer the template and have room take turns. Your public keys (~/.ssh/id_*.pub and"
                    + " one of our own) may log in where the template reads them."
        },
        footer = {
            "kvm-cloud new micro 128 1",
            "kvm-cloud new micro 2GiB 2 --ssh-key id_ed25519.pub",
            "kvm-cloud new micro 128 1 --forward 8080:80 --forward :53/udp",
            "kvm-cloud new micro 128 1 --op-id deploy-7",
            "kvm-cloud new micro 128 1 --name web --count 3 --disk 4G"
        })
final class NewCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    private final SshKeys keys;

    @Parameters(index = "0", paramLabel = "TEMPLATE", description = "One of `kvm-cloud templates`.")
    private String template = "";

    @Parameters(index = "1", paramLabel = "RAM", description = "In MiB, or like 512M or 2GiB.")
    private MemorySize memory = MemorySize.ofMebibytes(1);

    @Parameters(index = "2", paramLabel = "CPUS", description = "Virtual CPUs, 1 to 256.")
    private int cpus;

    @Option(
            names = "--ssh-key",
            paramLabel = "FILE",
            description = "A public key that may log in, instead of yours; may be given several times.")
    private List<Path> keyFiles = List.of();

    @Mixin
    private final Batch batch = new Batch();

    @Mixin
    private final Supplies supplies;

    NewCommand(Cloud cloud, Output output, SshKeys keys, Supplies supplies) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
        this.keys = keys;
        this.supplies = supplies;
    }

    @Override
    public Integer call() {
        String hint = "write it like `kvm-cloud new TEMPLATE RAM CPUS`, for example `kvm-cloud new micro 128 1`";
        Failures.valid(() -> new NewInstance(template, memory, cpus, List.of()), hint);
        List<String> names = batch.names();
        List<String> authorized = keyFiles.isEmpty() ? keys.authorized(output) : keys.read(keyFiles);
        NewInstance command = Failures.valid(
                () -> new NewInstance(
                        template,
                        memory,
                        cpus,
                        authorized,
                        "",
                        batch.disk(),
                        supplies.userData(),
                        supplies.forwards(names.size())),
                "--ssh-key names the public half of a key, like ~/.ssh/id_ed25519.pub");
        if (!batch.isCounted()) {
            OpId.Op op = opId.op();
            InstanceView made = made(command.named(names.getFirst()), op);
            results.one(new Done<>(made, op.id()), text(made));
            return 0;
        }
        return new EachInstance<>(output, results)
                .call(
                        opId,
                        batch.numbers(),
                        names.size() == 1,
                        (number, op) -> made(command.named(names.get(number - 1)), op),
                        (_, made) -> text(made),
                        (_, failure) -> failure);
    }

    private InstanceView made(NewInstance command, OpId.Op op) {
        InstanceView made = cloud.ask(command, op).instance();
        ForwardCommand.note(output, made);
        return made;
    }

    /** The seed's line. */
    private static String text(InstanceView made) {
        return "result: ID: " + made.id() + ", SSH port: " + made.sshPort();
    }
}
