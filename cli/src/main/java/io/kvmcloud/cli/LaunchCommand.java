package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.ListTemplates;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.TemplateRow;
import io.kvmcloud.messages.TemplateView;
import io.kvmcloud.messages.UserData;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code launch}: from nothing to instances that answer on SSH. */
@Command(
        name = "launch",
        description = {
            "Create instances, start them and wait until they answer on SSH.",
            "Prints their ids. Your public keys (~/.ssh/id_*.pub and one of our own) may log in."
        },
        footer = {
            "kvm-cloud launch",
            "kvm-cloud launch micro --memory 256M --count 3",
            "kvm-cloud launch micro --name web --disk 4G",
            "kvm-cloud launch micro --user-data setup.sh --forward 8080:80",
            "kvm-cloud launch -q | xargs -I{} kvm-cloud ssh {} -- uname -a"
        })
final class LaunchCommand implements Callable<Integer> {

    private static final String PREFERRED = "micro";
    private static final MemorySize COMFORTABLE = MemorySize.ofMebibytes(128);

    private final Cloud cloud;
    private final Output output;
    private final SshKeys keys;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TEMPLATE",
            description = "One of `kvm-cloud templates` (default: micro, or the only one there is).")
    private @Nullable String template;

    @Option(names = "--memory", paramLabel = "SIZE", description = "Like 512M (default: what the template needs).")
    private @Nullable MemorySize memory;

    @Option(
            names = "--cpus",
            paramLabel = "COUNT",
            defaultValue = "1",
            description = "Virtual CPUs, 1 to 256 (default: ${DEFAULT-VALUE}).")
    private int cpus;

    @Mixin
    private final Batch batch = new Batch();

    @Option(
            names = "--ssh-key",
            paramLabel = "FILE",
            description = "A public key that may log in, instead of yours; may be given several times.")
    private List<Path> keyFiles = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long to wait for the guest; it goes on without us (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--no-wait", description = "Do not wait for the guest, only until it runs.")
    private boolean noWait;

    @Mixin
    private final Supplies supplies;

    LaunchCommand(Cloud cloud, Output output, SshKeys keys, Supplies supplies) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
        this.keys = keys;
        this.supplies = supplies;
    }

    @Override
    public Integer call() {
        if (seconds < 1) {
            throw new CommandFailed(
                    Reason.INVALID, "--timeout: " + seconds + " seconds are too few", "write at least --timeout 1");
        }
        long begun = System.nanoTime();
        List<String> names = batch.names();
        UserData userData = supplies.userData();
        List<Forward> forwards = supplies.forwards(names.size());
        TemplateView chosen = choose();
        MemorySize size = memory != null ? memory : comfortable(chosen.minimumMemory());
        List<String> authorized = keyFiles.isEmpty() ? keys.authorized(output) : keys.read(keyFiles);
        NewInstance command = Failures.valid(
                () -> new NewInstance(chosen.name(), size, cpus, authorized, "", batch.disk(), userData, forwards),
                "write it like `kvm-cloud launch micro --cpus 1`; --ssh-key names the public half of a key");
        var launch = new Launch(cloud, output, begun, noWait ? Duration.ZERO : Duration.ofSeconds(seconds));
        return new EachInstance<>(output, results)
                .call(
                        opId,
                        batch.numbers(),
                        names.size() == 1,
                        (number, op) -> launch.of(command.named(names.get(number - 1)), op),
                        (_, instance) -> instance.id().toString(),
                        (_, failure) -> failure);
    }

    private TemplateView choose() {
        List<TemplateView> offered = cloud.ask(new ListTemplates()).templates().stream()
                .map(TemplateRow::template)
                .toList();
        String name = template != null
                ? template
                : offered.size() == 1 ? offered.getFirst().name() : PREFERRED;
        return offered.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        unknown(name, offered.stream().map(TemplateView::name).toList()));
    }

    private CommandFailed unknown(String name, List<String> offered) {
        if (template != null) {
            return Offers.unknown(name, offered, "launch");
        }
        return new CommandFailed(
                Reason.INVALID,
                "which template? There is no " + name + "; "
                        + (offered.isEmpty() ? "there are none" : "there are " + String.join(", ", offered)),
                "`kvm-cloud templates` lists them");
    }

    /** What a guest is given when nobody says. */
    static MemorySize comfortable(MemorySize needed) {
        return needed.compareTo(COMFORTABLE) < 0 ? COMFORTABLE : needed;
    }
}
