package io.kvmcloud.controller.qemu;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A small program of another package that is run to its end. */
final class ExternalProgram {

    /** What to type where QEMU or qemu-img is missing. */
    static final String INSTALL_QEMU =
            "install QEMU: `sudo apt-get install qemu-system-x86 qemu-utils` (Debian, Ubuntu), "
                    + "`sudo dnf install qemu-system-x86-core qemu-img` (Fedora), `sudo pacman -S qemu-base` (Arch)";

    private ExternalProgram() {}

    /** How it ended and all that it wrote, to either stream. */
    record Ended(int exitCode, String output) {}

    /**
     * Runs it, without a shell and without input.
     *
     * @throws CommandFailed when it is not installed, or has not ended after the time and was killed
     */
    static Ended run(List<String> line, Duration limit) {
        String name = line.getFirst();
        Process process;
        try {
            process = new ProcessBuilder(line)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException missing) {
            throw new CommandFailed(
                    Reason.FAILED,
                    name + " cannot be run on this host: " + missing.getMessage(),
                    INSTALL_QEMU,
                    missing);
        }
        try {
            CompletableFuture<String> output =
                    CompletableFuture.supplyAsync(() -> read(process), Thread::startVirtualThread);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CommandFailed(
                        Reason.FAILED,
                        name + " did not end within " + limit.toMillis() + " ms",
                        "is the disk all right?");
            }
            return new Ended(process.exitValue(), output.join().strip());
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(Reason.FAILED, "interrupted while " + name + " was running", "", asked);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException closed) {
            return "";
        }
    }
}
