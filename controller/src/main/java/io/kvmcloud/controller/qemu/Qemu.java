package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvmcloud.controller.instance.Guest;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.instance.Hypervisor;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.UserData;
import io.kvmcloud.messages.WarmView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs guests with QEMU. A guest's process is not our child in spirit: it survives us and is adopted later. */
public final class Qemu implements Hypervisor {

    private static final Logger LOG = LoggerFactory.getLogger(Qemu.class);
    private static final Pattern IPV4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}");
    private static final Duration ADOPT = Duration.ofMillis(1500);
    private static final Duration GONE = Duration.ofSeconds(5);

    private final Accelerator accelerator;
    private final WarmStates warm;
    /** Under emulation a start is work for a processor: more at a time would only make all of them late. */
    private final Semaphore starts = new Semaphore(Runtime.getRuntime().availableProcessors() + 1, true);

    /**
     * All guests boot.
     *
     * @param accelerator that was found to work here
     */
    Qemu(Accelerator accelerator) {
        this(accelerator, WarmStates.none());
    }

    /**
     * @param accelerator that was found to work here
     * @param warm what copies are made of
     */
    public Qemu(Accelerator accelerator, WarmStates warm) {
        this.accelerator = accelerator;
        this.warm = warm;
    }

    /**
     * Refuses an address that QEMU's {@code hostfwd} cannot bind to: to be asked when it is configured.
     *
     * @throws CommandFailed unless it is written as an IPv4 address
     */
    public static void requireBindAddress(String address) {
        if (!IPV4.matcher(address).matches()) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "guests' ports cannot be bound to '" + address + "': QEMU wants an IPv4 address",
                    "write --bind-address 127.0.0.1 (this host only) or 0.0.0.0 (every network of this host)");
        }
    }

    @Override
    public void prepare(GuestSpec spec, List<String> sshKeys, UserData userData) {
        GuestDisks.make(spec, sshKeys, userData);
    }

    @Override
    public Guest start(GuestSpec spec) throws PortTaken {
        starts.acquireUninterruptibly();
        try {
            return new GuestStart(spec, accelerator.kind(), warm).run().watched();
        } finally {
            starts.release();
        }
    }

    @Override
    public CompletableFuture<Warmed> warm(GuestSpec like) {
        return warm.prepare(like);
    }

    @Override
    public void check(GuestSpec spec) {
        GuestDisks.check(spec);
    }

    /**
     * The programs of QEMU that are installed now.
     *
     * @throws CommandFailed when one of them is missing or does not work
     */
    public static List<Finding> findings(String check) {
        String version = AcceleratorProbe.qemuVersion();
        ExternalProgram.Ended image = ExternalProgram.run(List.of("qemu-img", "--version"), GONE);
        return List.of(
                image.exitCode() == 0
                        ? Finding.ok(check, version)
                        : Finding.fail(
                                check, "qemu-img does not work: " + image.output(), ExternalProgram.INSTALL_QEMU));
    }

    @Override
    public List<WarmView> warm() {
        return warm.views();
    }

    @Override
    public void cool(String template) {
        warm.forget(template);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The record, the process's start time and its command line must agree, and the monitor must name our uuid. A
     * QEMU that does not answer within 1.5 s (it is stopped, or the host is very busy) is adopted all the same, since
     * everything else agrees: it is known to run, its monitor is taken as soon as it answers, and {@code kill} ends it.
     */
    @Override
    public Optional<Guest> adopt(Path directory, UUID uuid, int sshPort) {
        GuestFiles files = new GuestFiles(directory);
        Optional<GuestProcess> found = claimant(files).filter(process -> process.has("-uuid", uuid.toString()));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        GuestProcess process = found.get();
        if (isCopyWithoutIdentity(process, files)) {
            LOG.warn("{}: QEMU (pid {}) is a copy that was not given its identity", directory, process.pid());
            return Optional.empty();
        }
        Optional<GuestRecord> record = GuestRecord.read(files);
        int port = record.map(GuestRecord::sshPort)
                .filter(recorded -> recorded > 0)
                .orElse(sshPort);
        QemuGuest guest = new QemuGuest(process, files, port)
                .booted(record.map(GuestRecord::boot).orElse(BootReport.NONE));
        Qmp monitor = guest.connect();
        try {
            if (monitor != null) {
                JsonNode theirs = monitor.execute("query-uuid", ADOPT);
                if (!theirs.path("UUID").asText().equals(uuid.toString())) {
                    LOG.warn("{}: the monitor belongs to {}, not to {}", files.directory(), theirs, uuid);
                    guest.release();
                    return Optional.empty();
                }
                guest.heardStatus(monitor.execute("query-status", ADOPT));
            }
        } catch (QmpFailed silent) {
            LOG.warn("{}: QEMU (pid {}) runs but is silent: {}", files.directory(), process.pid(), silent.getMessage());
        }
        if (!process.alive()) {
            guest.release();
            return Optional.empty();
        }
        remember(process, uuid, files, port);
        return Optional.of(guest.watched());
    }

    @Override
    public void reap(Path directory) {
        // Of a guest that runs or ran there is one of them; of all that do not run, this is asked every few seconds.
        if (GuestFiles.noRunIn(directory)) {
            return;
        }
        endClaimant(directory);
        for (Path left : new GuestFiles(directory).ofOneRun()) {
            try {
                Files.deleteIfExists(left);
            } catch (IOException kept) {
                LOG.warn("cannot remove {}: {}", left, kept.toString());
            }
        }
    }

    /** Ends the process that runs a guest in this directory, if there is one. */
    static void endClaimant(Path directory) {
        Optional<GuestProcess> found = claimant(new GuestFiles(directory));
        if (found.isPresent()) {
            GuestProcess process = found.get();
            LOG.warn("{}: ending QEMU (pid {}), which cannot be adopted", directory, process.pid());
            process.sigkill();
            if (!process.awaitGone(GONE)) {
                throw new CommandFailed(
                        Reason.FAILED,
                        "QEMU (pid " + process.pid() + ") of " + directory + " is still there " + GONE.toSeconds()
                                + " s after SIGKILL",
                        "look at it with `ps -o pid,stat,wchan " + process.pid() + "` on the controller's host");
            }
        }
    }

    @Override
    public List<Claim> claims(Path root) {
        Path spelledOut = new GuestFiles(root).directory();
        return GuestProcess.all()
                .flatMap(process -> process
                        .valueOf("-pidfile")
                        .map(pidFile -> Path.of(pidFile).getParent())
                        .filter(directory -> directory != null && spelledOut.equals(directory.getParent()))
                        .<Claim>map(directory -> new Claimant(root.resolve(directory.getFileName()), process))
                        .stream())
                .toList();
    }

    private record Claimant(Path directory, GuestProcess process) implements Claim {
        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public void end() {
            process.sigkill();
            process.awaitGone(GONE);
        }
    }

    @Override
    public Path consoleLog(Path directory) {
        return new GuestFiles(directory).serialLog();
    }

    /**
     * The process that runs the guest of this directory: the recorded one, the one QEMU's own pid file names, or, after
     * a crash between the start and the record, any whose command line has the directory's pid file.
     */
    private static Optional<GuestProcess> claimant(GuestFiles files) {
        Optional<GuestRecord> record = GuestRecord.read(files);
        Stream<GuestProcess> known =
                Stream.of(record.flatMap(GuestRecord::process), pidFile(files)).flatMap(Optional::stream);
        // Only then: with many instances and many processes it would take long to do it for each.
        Stream<GuestProcess> all =
                record.filter(GuestRecord::isStarting).isPresent() ? GuestProcess.all() : Stream.empty();
        return Stream.concat(known, all)
                .filter(process -> process.has("-pidfile", files.pid().toString()))
                .findFirst();
    }

    /** A controller that died in between: the guest may believe it is somebody else. */
    private static boolean isCopyWithoutIdentity(GuestProcess process, GuestFiles files) {
        return Files.exists(files.unused()) && process.has("-incoming", "defer");
    }

    private static Optional<GuestProcess> pidFile(GuestFiles files) {
        try {
            return GuestProcess.of(Long.parseLong(Files.readString(files.pid()).strip()));
        } catch (IOException | NumberFormatException none) {
            return Optional.empty();
        }
    }

    private static void remember(GuestProcess process, UUID uuid, GuestFiles files, int port) {
        try {
            if (GuestRecord.read(files).flatMap(GuestRecord::process).isEmpty()) {
                GuestRecord.of(process, uuid, port).write(files);
            }
        } catch (IOException full) {
            LOG.warn("cannot write {}: {}", files.record(), full.toString());
        }
    }
}
