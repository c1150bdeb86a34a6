package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.instance.Hypervisor.PortTaken;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One start of a QEMU, from the argument list to a guest that runs, or to the reason why not. */
final class QemuStart {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(3);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final long MOST_OLD_SERIAL = 4L << 20;
    private static final String PORT_REFUSED = "Could not set up host forwarding rule";

    private final GuestSpec spec;
    private final GuestFiles files;
    private final List<String> arguments;

    QemuStart(GuestSpec spec, Accelerator.Kind accelerator) {
        this.spec = spec;
        this.files = new GuestFiles(spec.directory());
        this.arguments = new QemuCommandLine(spec, accelerator).arguments();
    }

    /** Returns when the guest's CPUs run. */
    QemuGuest run() throws PortTaken {
        forgetLastRun();
        GuestProcess process = spawn();
        QemuGuest guest = new QemuGuest(process, files, spec.sshPort());
        boolean runs = false;
        try {
            GuestRecord.of(process, spec.uuid(), spec.sshPort()).write(files);
            awaitRunning(process, guest);
            runs = true;
            return guest.watched();
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "cannot write into " + files.directory() + ": " + failed,
                    "is its disk full?",
                    failed);
        } finally {
            if (!runs) {
                guest.release();
                process.sigkill();
                // Its locks on the disk go with it: the next attempt must not meet them.
                process.awaitGone(Duration.ofSeconds(5));
            }
        }
    }

    private void forgetLastRun() {
        try {
            for (Path stale : List.of(files.monitor(), files.pid())) {
                Files.deleteIfExists(stale);
            }
            if (Files.exists(files.serialLog()) && Files.size(files.serialLog()) > MOST_OLD_SERIAL) {
                Path older = files.directory().resolve("serial.log.1");
                Files.move(files.serialLog(), older, StandardCopyOption.REPLACE_EXISTING);
            }
            GuestRecord.starting(spec.uuid(), spec.sshPort()).write(files);
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED, "cannot write into " + files.directory() + ": " + failed, "", failed);
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

    private void awaitRunning(GuestProcess process, QemuGuest guest) throws PortTaken {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try {
            Qmp monitor = null;
            while (monitor == null) {
                requireAlive(process);
                monitor = Files.exists(files.monitor()) ? guest.connect() : null;
                if (System.nanoTime() - deadline > 0) {
                    throw failed("QEMU did not open its monitor within " + LIMIT.toSeconds() + " s");
                }
                if (monitor == null) {
                    Thread.sleep(POLL);
                }
            }
            while (!monitor.execute("query-status", ANSWER).path("running").asBoolean()) {
                if (System.nanoTime() - deadline > 0) {
                    throw failed("the guest's CPUs did not run within " + LIMIT.toSeconds() + " s");
                }
                Thread.sleep(POLL);
            }
        } catch (QmpFailed lost) {
            if (process.awaitGone(Duration.ofSeconds(1))) {
                requireAlive(process);
            }
            throw failed("QEMU's monitor failed: " + lost.getMessage());
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw failed("the start was interrupted");
        }
    }

    private void requireAlive(GuestProcess process) throws PortTaken {
        if (!process.alive()) {
            if (QemuLog.tail(files.qemuLog(), "").contains(PORT_REFUSED)) {
                explainPort();
            }
            throw died();
        }
    }

    /** QEMU says the same of a port that is taken, one that is forbidden and an address that is not of this host. */
    private void explainPort() throws PortTaken {
        Optional<String> otherwise = Optional.empty();
        try (var _ = new ServerSocket(spec.sshPort(), 1, InetAddress.getByName(spec.bindAddress()))) {
            // Free again: it was taken a moment ago.
        } catch (IOException refused) {
            String why = String.valueOf(refused.getMessage());
            otherwise = why.contains("already in use") ? Optional.empty() : Optional.of(why);
        }
        if (otherwise.isPresent()) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "port " + spec.sshPort() + " of " + spec.bindAddress() + " cannot be forwarded: " + otherwise.get(),
                    "the controller's --bind-address must be an address of its host, its --first-ssh-port above 1023");
        }
        throw new PortTaken(spec.sshPort());
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
