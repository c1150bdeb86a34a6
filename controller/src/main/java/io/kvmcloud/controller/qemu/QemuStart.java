package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.instance.Hypervisor.PortTaken;
import io.kvmcloud.controller.instance.Ports;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One start of a QEMU, from the argument list to a guest that runs, or to the reason why not. */
final class QemuStart {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(1);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final long MOST_OLD_SERIAL = 4L << 20;
    private static final Pattern PORT_REFUSED =
            Pattern.compile("ould not set up host forwarding rule '(tcp|udp):[0-9.]*:(\\d+)-");

    /** What makes a running guest of a QEMU whose monitor can be asked. */
    interface Step {
        /** Returns how it came up, when the guest's CPUs run. */
        BootReport bring(QemuGuest guest, Qmp monitor) throws QmpFailed, IOException, InterruptedException;
    }

    private final GuestSpec spec;
    private final GuestFiles files;
    private final List<String> arguments;

    QemuStart(GuestSpec spec, List<String> arguments) {
        this.spec = spec;
        this.files = new GuestFiles(spec.directory());
        this.arguments = arguments;
    }

    /**
     * Starts QEMU and lets the step do the rest; when that fails no QEMU is left.
     *
     * @param limit after which QEMU is ended if the step is not done
     */
    QemuGuest run(Step step, Duration limit) throws PortTaken {
        forgetLastRun();
        GuestProcess process = spawn();
        QemuGuest guest = new QemuGuest(process, files, spec.sshPort());
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (!done.get()) {
                        process.sigkill();
                    }
                });
        boolean runs = false;
        try {
            GuestRecord record = GuestRecord.of(process, spec.uuid(), spec.sshPort());
            record.write(files);
            BootReport report = step.bring(guest, awaitMonitor(process, guest));
            record.with(report).write(files);
            runs = true;
            return guest.booted(report);
        } catch (QmpFailed | IOException failed) {
            // Most often it is dead, and what it said last is the better reason.
            if (process.awaitGone(LAST_WORDS)) {
                requireAlive(process);
            }
            throw failed(spec.id() + " did not start: " + failed.getMessage());
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw failed("the start was interrupted");
        } finally {
            done.set(true);
            if (!runs) {
                guest.release();
                process.sigkill();
                // Its locks on the disk go with it: the next attempt must not meet them.
                process.awaitGone(Duration.ofSeconds(5));
            }
        }
    }

    /** The step of a guest that simply boots. */
    static void awaitRunning(Qmp monitor) throws QmpFailed, IOException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!monitor.execute("query-status", ANSWER).path("running").asBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("the guest's CPUs did not run within " + LIMIT.toSeconds() + " s");
            }
            Thread.sleep(POLL);
        }
    }

    private void forgetLastRun() {
        try {
            for (Path stale : List.of(files.monitor(), files.agentSocket(), files.pid())) {
                Files.deleteIfExists(stale);
            }
            if (Files.exists(files.serialLog()) && Files.size(files.serialLog()) > MOST_OLD_SERIAL) {
                Path older = files.directory().resolve("serial.log.1");
                Files.move(files.serialLog(), older, StandardCopyOption.REPLACE_EXISTING);
            }
            sayInSerialLog();
            GuestRecord.starting(spec.uuid(), spec.sshPort()).write(files);
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "cannot write into " + files.directory() + ": " + Text.why(failed),
                    "`kvm-cloud doctor` shows how much room is left there",
                    failed);
        }
    }

    /** Who looks at the console must not take the login prompt of the last run for one that reads. */
    private void sayInSerialLog() throws IOException {
        if (Files.exists(files.serialLog()) && Files.size(files.serialLog()) > 0) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            Files.writeString(files.serialLog(), "\r\n-- started again, " + now + " --\r\n", StandardOpenOption.APPEND);
        }
    }

    /** A session of its own: neither our death nor Ctrl-C in our terminal reaches it. */
    private GuestProcess spawn() {
        List<String> line = new ArrayList<>(List.of("setsid"));
        line.addAll(arguments);
        try {
            Process child = new ProcessBuilder(line)
                    .directory(files.directory().toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(files.qemuLog().toFile())
                    .start();
            return GuestProcess.of(child.pid()).orElseThrow(this::died);
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "QEMU could not be started: " + failed.getMessage(),
                    ExternalProgram.INSTALL_QEMU + "; and util-linux, for setsid",
                    failed);
        }
    }

    private Qmp awaitMonitor(GuestProcess process, QemuGuest guest)
            throws PortTaken, IOException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            requireAlive(process);
            Qmp monitor = Files.exists(files.monitor()) ? guest.connect() : null;
            if (monitor != null) {
                return monitor;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("QEMU did not open its monitor within " + LIMIT.toSeconds() + " s");
            }
            Thread.sleep(POLL);
        }
    }

    private void requireAlive(GuestProcess process) throws PortTaken {
        if (!process.alive()) {
            Matcher refused = PORT_REFUSED.matcher(QemuLog.tail(files.qemuLog(), ""));
            if (refused.find()) {
                explainPort(Port.parse(refused.group(2) + "/" + refused.group(1)));
            }
            throw died();
        }
    }

    /** QEMU says the same of a port that is taken, one that is forbidden and an address that is not of this host. */
    private void explainPort(Port port) throws PortTaken {
        String otherwise = Ports.obstacle(spec.bindAddress(), port);
        if (!otherwise.isEmpty() && !otherwise.contains("already in use")) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "port " + port + " of " + spec.bindAddress() + " cannot be forwarded: " + otherwise,
                    "the controller's --bind-address must be an address of its host, and the port above 1023 unless"
                            + " the controller may bind lower ones");
        }
        throw new PortTaken(port);
    }

    private CommandFailed died() {
        return failed("QEMU died while starting " + spec.id());
    }

    private CommandFailed failed(String what) {
        return new CommandFailed(
                Reason.FAILED,
                what + QemuLog.tail(files.qemuLog(), ":\n"),
                "all it said is in " + files.qemuLog() + " on the controller's host");
    }
}
