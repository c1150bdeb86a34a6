package io.kvmcloud.controller;

import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.controller.disk.BootId;
import io.kvmcloud.controller.disk.WorkDirectory;
import io.kvmcloud.controller.instance.Drain;
import io.kvmcloud.controller.instance.Host;
import io.kvmcloud.controller.instance.Instances;
import io.kvmcloud.controller.instance.Ports;
import io.kvmcloud.controller.journal.Journal;
import io.kvmcloud.controller.qemu.Accelerator;
import io.kvmcloud.controller.qemu.GuestFiles;
import io.kvmcloud.controller.qemu.Qemu;
import io.kvmcloud.controller.qemu.WarmStates;
import io.kvmcloud.controller.template.ImportedTemplates;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.controller.template.Templates;
import io.kvmcloud.health.Check;
import io.kvmcloud.health.DiskCheck;
import io.kvmcloud.health.MemoryCheck;
import io.kvmcloud.lifecycle.ShutdownSignal;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.settings.BrokerOptions;
import io.kvmcloud.settings.Daemon;
import io.kvmcloud.settings.MemorySizeConverter;
import io.kvmcloud.settings.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The program that runs instances on one host. Its main is its wiring: opened top to bottom, closed bottom to top. */
@Command(
        name = "kvm-cloud-controller",
        description = "Runs instances on this host with QEMU, as told through RabbitMQ.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
public final class Controller implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final Duration SWEEP = Duration.ofSeconds(5);
    private static final Duration SYNC = Duration.ofSeconds(5);

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            defaultValue = "${env:KVM_CLOUD_NAME}",
            description = "Unique on the broker; its RabbitMQ user and part of its instances' ids, like s1.")
    private String name = "";

    @Option(
            names = "--work-dir",
            required = true,
            paramLabel = "DIR",
            defaultValue = "${env:KVM_CLOUD_WORK_DIR}",
            description = "Where the journal and the instances are; for this controller alone.")
    private Path workDirectory = Path.of("");

    @Option(
            names = "--template-dir",
            required = true,
            split = ",",
            paramLabel = "DIR",
            defaultValue = "${env:KVM_CLOUD_TEMPLATE_DIR}",
            description = "Holds one directory for each template; several are searched in order.")
    private List<Path> templateDirectories = List.of();

    @Option(
            names = "--first-id",
            paramLabel = "NUMBER",
            defaultValue = "${env:KVM_CLOUD_FIRST_ID:-1000}",
            description = "The number of the first instance (default: ${DEFAULT-VALUE}).")
    private long firstId;

    @Option(
            names = "--first-ssh-port",
            paramLabel = "PORT",
            defaultValue = "${env:KVM_CLOUD_FIRST_SSH_PORT:-2200}",
            description = "The lowest host port that leads to a guest's SSH (default: ${DEFAULT-VALUE}).")
    private int firstSshPort;

    @Option(
            names = "--ssh-ports",
            paramLabel = "COUNT",
            defaultValue = "${env:KVM_CLOUD_SSH_PORTS:-100}",
            description = "How many such ports there are (default: ${DEFAULT-VALUE}).")
    private int sshPorts;

    @Option(
            names = "--accelerator",
            paramLabel = "auto|kvm|tcg",
            defaultValue = "${env:KVM_CLOUD_ACCELERATOR:-auto}",
            description = "auto takes KVM if it really works here, else TCG (default: ${DEFAULT-VALUE}).")
    private String accelerator = "";

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySizeConverter.class,
            defaultValue = "${env:KVM_CLOUD_MEMORY}",
            description = "Memory for instances, like 8G (default: 80 %% of this host's).")
    private @Nullable MemorySize memory;

    @Option(
            names = "--cpus",
            paramLabel = "COUNT",
            defaultValue = "${env:KVM_CLOUD_CPUS}",
            description = "Virtual CPUs for instances (default: 16 for each of this host's).")
    private @Nullable Integer cpus;

    @Option(
            names = "--warm-cache",
            paramLabel = "SIZE",
            converter = MemorySizeConverter.class,
            defaultValue = "${env:KVM_CLOUD_WARM_CACHE:-4G}",
            description = "For booted guests kept to be copied, which makes new instances start at once; too little"
                    + " for one, like 1M, and all boot (default: ${DEFAULT-VALUE}).")
    private MemorySize warmCache = MemorySize.ofMebibytes(1);

    @Option(
            names = "--bind-address",
            paramLabel = "ADDRESS",
            defaultValue = "${env:KVM_CLOUD_BIND_ADDRESS:-127.0.0.1}",
            description = "The host address that forwards SSH (default: ${DEFAULT-VALUE}).")
    private String bindAddress = "";

    @Option(
            names = "--client-address",
            paramLabel = "ADDRESS",
            defaultValue = "${env:KVM_CLOUD_CLIENT_ADDRESS:-127.0.0.1}",
            description = "The address at which clients reach those ports (default: ${DEFAULT-VALUE}).")
    private String clientAddress = "";

    @Option(
            names = "--op-retention",
            paramLabel = "DAYS",
            defaultValue = "${env:KVM_CLOUD_OP_RETENTION:-7}",
            description = "How long the outcome of a command is remembered, so that asking again with its op id has no"
                    + " second effect (default: ${DEFAULT-VALUE}); of the last 100,000 or so.")
    private int opRetention;

    /** Runs until it is told to end; guests run on. */
    public static void main(String[] arguments) {
        System.exit(Daemon.run(new Controller(), arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ControllerName self = controllerName();
        Clock clock = Clock.systemUTC();
        AtomicReference<@Nullable CommandFailed> refusal = new AtomicReference<>();
        try (var shutdown = new ShutdownSignal();
                var directory = WorkDirectory.open(workDirectory)) {
            GuestFiles.requireShortPath(workDirectory);
            Qemu.requireBindAddress(bindAddress);
            Templates templates = Templates.open(
                    Stream.concat(templateDirectories.stream(), Stream.of(directory.templates()))
                            .toList(),
                    directory.root());
            Accelerator chosen = Accelerator.choose(accelerator, directory.root());
            long warmBytes = warmCache.mebibytes() << 20;
            Host host = host(self);
            Ports ports = new Ports(bindAddress, firstSshPort, sshPorts);
            try (var warm = WarmStates.open(directory.warm(), warmBytes, chosen);
                    var journal = Journal.open(directory.journal(), firstId, retention(), clock, BootId.current());
                    var instances = Instances.open(
                            host,
                            directory.instances(),
                            new Qemu(chosen, warm),
                            templates::get,
                            ports,
                            new Drain(directory.draining()),
                            clock,
                            new Promises(journal))) {
                journal.skipNumbersTo(instances.highestNumber());
                ControllerSession session = new ControllerSession(
                        self, instances, () -> view(self, chosen, instances, templates), failed -> {
                            refusal.set(failed);
                            shutdown.raise();
                        });
                Examination examination = new Examination(
                        self,
                        clock,
                        List.of(
                                new DiskCheck(directory.root()),
                                MemoryCheck.ofThisMachine(host.memoryMebibytes()),
                                Check.of("ports", ports::findings),
                                Check.of("qemu", Qemu::findings),
                                Check.of("accelerator", chosen::findings),
                                Check.of("templates", templates::findings),
                                Check.of("instances", instances::findings)));
                var imported = new ImportedTemplates(directory.templates(), templates);
                var templateDesk = new TemplateDesk(templates, imported, instances);
                CommandDesk desk = new CommandDesk(
                        self,
                        journal,
                        new CommandHandler(
                                instances,
                                templateDesk,
                                journal,
                                examination,
                                new Measurement(
                                        self, clock, instances::processes, Path.of("/proc"), imported::progress)),
                        session,
                        clock);
                session.serve(desk);
                warm.listen(session::announce);
                templateDesk.listen(session::announce);
                desk.resume();
                LOG.info(
                        "controller {} with {} instances in {}, accelerator {} {}",
                        self,
                        instances.views().size(),
                        directory.root(),
                        chosen.kind().word(),
                        chosen.note());
                try (var _ = new Rounds(SWEEP, instances::sweep, journal::tidy);
                        var _ = new Rounds(SYNC, instances::sync);
                        var _ = SessionLoop.start(broker.address(), "kvm-controller " + self, session)) {
                    shutdown.await();
                    session.leave();
                }
                CommandFailed failed = refusal.get();
                if (failed != null) {
                    throw failed;
                }
            }
        }
        return 0;
    }

    /** Longer than a command can be on its way, or a late copy of a forgotten one would have an effect of its own. */
    private Duration retention() {
        if (opRetention < 1 || opRetention > 3650) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "--op-retention: outcomes are kept between 1 and 3650 days, not " + opRetention,
                    "write it like --op-retention 7");
        }
        return Duration.ofDays(opRetention);
    }

    private ControllerName controllerName() {
        try {
            return new ControllerName(name);
        } catch (IllegalArgumentException malformed) {
            throw new CommandFailed(Reason.INVALID, String.valueOf(malformed.getMessage()), "check --name", malformed);
        }
    }

    private Host host(ControllerName self) {
        long physical = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getTotalMemorySize()
                >> 20;
        return new Host(
                self,
                bindAddress,
                clientAddress,
                memory == null ? physical * 8 / 10 : memory.mebibytes(),
                cpus == null ? Runtime.getRuntime().availableProcessors() * 16 : cpus);
    }

    private static ControllerView view(
            ControllerName self, Accelerator chosen, Instances instances, Templates templates) {
        return new ControllerView(
                self,
                Session.host(),
                Version.current(),
                chosen.kind().word(),
                chosen.note(),
                instances.capacity(),
                templates.all().stream().map(Template::view).toList(),
                templates.refused(),
                instances.hypervisor().warm());
    }
}
