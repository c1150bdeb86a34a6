package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.instance.Hypervisor.PortTaken;
import io.kvmcloud.controller.qemu.QemuCommandLine.Ram;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Makes a warm state: boots a guest that waits for its identity, stops it and writes it down. One at a time. */
final class WarmMaker {

    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration READY = Duration.ofMinutes(10);
    /** What a guest still has to do after it says that it is ready. */
    private static final Duration SETTLES = Duration.ofSeconds(1);

    private static final int PINGS = 5;

    /** Short, since sockets are made in it. */
    private static final String WORKPLACE = ".new";

    private final WarmShape shape;
    private final Accelerator.Kind accelerator;
    private final GuestSpec spec;
    private final GuestFiles files;

    WarmMaker(Path root, GuestSpec like, WarmShape shape, Accelerator.Kind accelerator) {
        this.shape = shape;
        this.accelerator = accelerator;
        this.spec = new GuestSpec(
                InstanceId.parse("template/0"),
                UUID.randomUUID(),
                root.resolve(WORKPLACE),
                like.template(),
                like.memory(),
                like.cpus(),
                like.bindAddress(),
                0);
        this.files = new GuestFiles(spec.directory());
    }

    /** Ends a guest that somebody who died was making, and removes the workplace. */
    static void clear(Path root) throws IOException {
        Path workplace = root.resolve(WORKPLACE);
        if (Files.exists(workplace)) {
            Qemu.endClaimant(workplace);
            DurableFile.deleteTree(workplace);
        }
    }

    /**
     * Returns the state, on the disk and still in the workplace.
     *
     * @throws InterruptedException when it was asked to end; no QEMU is left then
     */
    WarmState make() throws IOException, InterruptedException {
        Files.createDirectories(spec.directory()); // with the cache around it: somebody may have removed that
        GuestDisks.make(spec, List.of(), UserData.NONE);
        List<String> line = new ArrayList<>(List.of("nice", "-n", "19"));
        line.addAll(new QemuCommandLine(spec, accelerator, Ram.KEPT, false).arguments());
        WarmState made = new WarmState(spec.directory());
        QemuGuest guest;
        try {
            guest = new QemuStart(spec, line).run((_, monitor) -> put(monitor, made), READY.plus(ANSWER));
        } catch (PortTaken impossible) {
            throw new IOException("it has no port to be taken", impossible);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        guest.kill();
        tidy(made);
        return made;
    }

    /** From the first instruction to the files. */
    private BootReport put(Qmp monitor, WarmState made) throws QmpFailed, IOException, InterruptedException {
        QemuStart.awaitRunning(monitor);
        try (Agent agent = Agent.connect(files.agentSocket())) {
            Files.writeString(made.takes(), agent.await(Agent.READY, READY));
            long booted = settle(agent);
            monitor.execute("stop", ANSWER);
            Files.writeString(made.uptime(), Long.toString(System.currentTimeMillis() - booted));
            byte[] state = GuestState.save(monitor, files.migration());
            if (state.length == 0) {
                throw new IOException("QEMU wrote no state");
            }
            Files.write(made.state(), state);
        }
        monitor.execute("quit", ANSWER);
        return BootReport.NONE;
    }

    /** Waits, and returns when the guest's uptime was zero. What is late in an answer only makes that later, so the earliest counts. */
    private static long settle(Agent agent) throws IOException, InterruptedException {
        long booted = Long.MAX_VALUE;
        for (int i = 0; i < PINGS; i++) {
            Thread.sleep(SETTLES.dividedBy(PINGS));
            agent.send("ping\n");
            double uptime = Double.parseDouble(agent.await("ok", ANSWER).split(" ")[1]);
            booted = Math.min(booted, System.currentTimeMillis() - (long) (uptime * 1000));
        }
        return booted;
    }

    private void tidy(WarmState made) throws IOException {
        Files.write(made.shape(), shape.json());
        try (Stream<Path> all = Files.list(spec.directory())) {
            for (Path file : all.toList()) {
                if (!made.files().contains(file)) {
                    Files.delete(file);
                }
            }
        }
        for (Path file : made.files()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
        DurableFile.syncDirectory(spec.directory());
    }
}
