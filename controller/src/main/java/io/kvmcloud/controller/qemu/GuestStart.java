package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.instance.Hypervisor.PortTaken;
import io.kvmcloud.controller.qemu.QemuCommandLine.Ram;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Text;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One start of an instance, the fastest way there is: an instance that never ran becomes a copy of a guest that has booted
 * already, if there is one; else, or when that fails, it boots.
 */
final class GuestStart {

    private static final Logger LOG = LoggerFactory.getLogger(GuestStart.class);
    private static final Duration COLD = Duration.ofMinutes(2);
    private static final Duration RESIZE = Duration.ofSeconds(10);
    private static final int LONGEST_NOTE = 200;

    private final GuestSpec spec;
    private final GuestFiles files;
    private final Accelerator.Kind accelerator;
    private final WarmStates warm;
    private final long begun = System.nanoTime();

    GuestStart(GuestSpec spec, Accelerator.Kind accelerator, WarmStates warm) {
        this.spec = spec;
        this.files = new GuestFiles(spec.directory());
        this.accelerator = accelerator;
        this.warm = warm;
    }

    QemuGuest run() throws PortTaken {
        GuestDisks.check(spec);
        if (!Files.exists(files.unused())) {
            return boot("");
        }
        GuestDisks.renew(spec);
        return switch (warm.take(spec)) {
            case WarmStates.Copy copy -> copyOrBoot(copy);
            case WarmStates.None(String why) -> firstBoot(why);
        };
    }

    private QemuGuest copyOrBoot(WarmStates.Copy copy) throws PortTaken {
        try {
            return copy(copy);
        } catch (CommandFailed failed) {
            String why = Text.shorten(failed.failure().message().replace("\n", " "), LONGEST_NOTE);
            LOG.warn(
                    "{}: its copy of {} failed and it boots: {}",
                    spec.id(),
                    copy.shape().name(),
                    why);
            warm.bad(copy.shape());
            GuestDisks.renew(spec);
            return firstBoot("its copy failed: " + why);
        }
    }

    private QemuGuest firstBoot(String why) throws PortTaken {
        GuestDisks.used(spec);
        QemuGuest guest = boot(why);
        warm.want(spec);
        return guest;
    }

    private QemuGuest boot(String why) throws PortTaken {
        return start(Ram.FRESH)
                .run(
                        (_, monitor) -> {
                            QemuStart.awaitRunning(monitor);
                            return BootReport.cold(millis(), why);
                        },
                        COLD);
    }

    private QemuGuest copy(WarmStates.Copy copy) throws PortTaken {
        Duration patience = patience();
        return start(Ram.COPIED)
                .run(
                        (_, monitor) -> {
                            Identity identity = new Identity(spec, keys(), userData(), HostKey.make(), copy.takes());
                            GuestState.load(monitor, files.migration(), copy.state());
                            Files.delete(files.memory()); // QEMU has it open
                            tellDiskSize(monitor);
                            try (Agent agent = Agent.connect(files.agentSocket())) {
                                long asked = System.currentTimeMillis();
                                monitor.execute("cont", patience);
                                long goesOn = (asked + System.currentTimeMillis()) / 2;
                                agent.send(
                                        identity.request(goesOn - copy.uptime().toMillis()));
                                agent.await("ok", patience);
                            }
                            GuestDisks.used(spec);
                            return BootReport.warm(millis());
                        },
                        patience.multipliedBy(2));
    }

    /**
     * The guest that was copied has seen a disk of the template's size, and looks again only when QEMU tells it to: which it
     * does when it has changed the size, also to what it is.
     */
    private void tellDiskSize(Qmp monitor) throws QmpFailed, IOException {
        if (spec.disk().bytes() > spec.template().diskBytes()) {
            ObjectNode size = JsonNodeFactory.instance
                    .objectNode()
                    .put("node-name", QemuCommandLine.DISK)
                    .put("size", spec.disk().bytes());
            monitor.execute("block_resize", size, RESIZE);
        }
    }

    private QemuStart start(Ram ram) {
        return new QemuStart(spec, new QemuCommandLine(spec, accelerator, ram, Files.exists(files.base())).arguments());
    }

    private List<String> keys() throws IOException {
        return Files.readAllLines(files.keys());
    }

    private UserData userData() throws IOException {
        return Files.exists(files.userData()) ? new UserData(Files.readString(files.userData())) : UserData.NONE;
    }

    private long millis() {
        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
    }

    /** A copy that hangs says nothing: how long one may take on an idle host, longer by as much as it has to do. */
    private Duration patience() {
        Duration idle = switch (accelerator) {
            case KVM -> Duration.ofSeconds(2);
            case TCG -> Duration.ofSeconds(5);
        };
        var system = ManagementFactory.getOperatingSystemMXBean();
        double load = system.getSystemLoadAverage() / system.getAvailableProcessors();
        return Duration.ofMillis((long) (idle.toMillis() * Math.max(1, 1 + load)));
    }
}
