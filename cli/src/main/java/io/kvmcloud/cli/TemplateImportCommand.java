package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.ImportTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.Image.Role;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Reply.TemplateImported;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code template import}: an image becomes a template on every host. */
@Command(
        name = "import",
        description = {
            "Make a template on each host of a disk that boots itself, or of a kernel and a root file system.",
            "Files of this machine are served to the hosts by HTTP meanwhile. What breaks off goes on when it is typed again."
        },
        footer = {
            "kvm-cloud template import mine --disk https://example.org/disk.img",
            "kvm-cloud template import mine --disk root.img --kernel vmlinuz"
        })
final class TemplateImportCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<TemplateImported>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(paramLabel = "NAME", description = "What to call it: of a-z, 0-9, '.' and '-'.")
    private String name = "";

    @Option(
            names = "--disk",
            required = true,
            paramLabel = "FILE|URL",
            description = "Raw or qcow2: a disk that boots itself, or with --kernel a root file system.")
    private String disk = "";

    @Option(names = "--sha256", paramLabel = "HEX", description = "What the disk must be.")
    private String sha256 = "";

    @Option(names = "--kernel", paramLabel = "FILE|URL", description = "What QEMU starts.")
    private @Nullable String kernel;

    @Option(names = "--initrd", paramLabel = "FILE|URL", description = "The kernel's first file system.")
    private @Nullable String initrd;

    @Option(
            names = "--command-line",
            paramLabel = "TEXT",
            description = "Kernel parameters; console=ttyS0 is added (default with --kernel: root=/dev/vda rw).")
    private @Nullable String commandLine;

    @Option(names = "--login", paramLabel = "USER", description = "Who `ssh` logs in as.")
    private String login = "";

    @Option(names = "--description", paramLabel = "TEXT", description = "One line for `templates`.")
    private String description = "";

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            defaultValue = "256M",
            description = "The least its instances may have (default: ${DEFAULT-VALUE}).")
    private MemorySize memory = MemorySize.ofMebibytes(256);

    @Option(names = "--no-seed", description = "Its guests read no NoCloud seed.")
    private boolean noSeed;

    @Mixin
    private final Hosts hosts = new Hosts();

    @Option(
            names = "--serve-address",
            paramLabel = "ADDRESS",
            description = "Where the hosts reach this machine (default: from where it reaches the broker).")
    private @Nullable InetAddress address;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "3600",
            description = "How long to wait (default: ${DEFAULT-VALUE}).")
    private int seconds;

    TemplateImportCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, TemplateImportCommand::columns);
    }

    private static Columns<Done<TemplateImported>> columns() {
        return new Columns<Done<TemplateImported>>()
                .with("controller", "controller", done -> done.result().controller())
                .with("outcome", "outcome", done -> done.result().outcome())
                .with("digest", "digest", done -> done.result().digest())
                .with("bytes", "bytes", done -> done.result().bytes())
                .with("millis", "ms", done -> done.result().millis())
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        List<ImageSource> sources = sources();
        sources.forEach(ImageSource::requireThere);
        List<ControllerName> wanted = hosts.of(cloud);
        InetAddress here =
                address == null ? ImageServer.towards(cloud.address().nodes().getFirst()) : address;
        try (ImageServer server = ImageServer.on(here)) {
            List<Image> images = images(sources, server);
            String waiting = "importing " + name + " on " + wanted.size() + (wanted.size() == 1 ? " host" : " hosts");
            var bar = new TransferBar(waiting, new ImportWatch(() -> cloud.measure(wanted), name), System::nanoTime);
            try (var _ = new Progress(output, output.notesOnTerminal(), bar)) {
                return new EachInstance<>(output, results)
                        .call(
                                opId,
                                wanted,
                                false,
                                (host, op) -> ask(host, sources, images, op),
                                TemplateImportCommand::line,
                                EachInstance::naming);
            }
        }
    }

    private List<ImageSource> sources() {
        if (kernel == null && initrd != null) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "--initrd goes with --kernel: a disk that boots itself has its own",
                    "leave it out");
        }
        List<ImageSource> sources = new ArrayList<>();
        sources.add(new ImageSource(kernel == null ? Role.DISK : Role.ROOTFS, disk, sha256));
        if (kernel != null) {
            sources.add(new ImageSource(Role.KERNEL, kernel, ""));
        }
        if (initrd != null) {
            sources.add(new ImageSource(Role.INITRD, initrd, ""));
        }
        return sources;
    }

    private List<Image> images(List<ImageSource> sources, ImageServer server) {
        try (var _ = new Progress(output, output.notesOnTerminal(), "reading files")) {
            return sources.stream().map(source -> source.image(server)).toList();
        }
    }

    private TemplateImported ask(ControllerName host, List<ImageSource> sources, List<Image> images, Op op) {
        String parameters = kernel == null ? "" : "root=/dev/vda rw";
        ImportTemplate command = Failures.valid(
                () -> new ImportTemplate(
                        host,
                        name,
                        images,
                        commandLine == null ? parameters : commandLine,
                        description,
                        login,
                        memory,
                        !noSeed),
                "write it like `kvm-cloud template import mine --disk disk.qcow2`");
        try {
            return cloud.ask(command, op, Duration.ofSeconds(seconds));
        } catch (CommandFailed failed) {
            throw named(failed, sources, images);
        }
    }

    /** A controller knows a file of this machine by the address under which it is served, and nobody else does. */
    private static CommandFailed named(CommandFailed failed, List<ImageSource> sources, List<Image> images) {
        Failure told = failed.failure();
        String message = told.message();
        for (int i = 0; i < images.size(); i++) {
            message = message.replace(images.get(i).url(), sources.get(i).place());
        }
        return new CommandFailed(told.reason(), message, told.hint(), failed).of(failed.op());
    }

    private static String line(ControllerName host, TemplateImported imported) {
        String size = TemplateShowCommand.size(imported.bytes());
        return host + ": "
                + switch (imported.outcome()) {
                    case MADE -> String.format(Locale.ROOT, "imported in %.1f s, ", imported.millis() / 1000.0) + size;
                    case THERE -> "is there already, " + size;
                };
    }
}
