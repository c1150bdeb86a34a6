package io.kvmcloud.controller.qemu;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs a firmware image of ours ({@code probe.S}) that does what a kernel does first, stage by stage, and ends QEMU with
 * an exit status that nothing else gives.
 */
final class AcceleratorProbe {

    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final int PASSED = 33;
    private static final int ROM_SIZE = 64 * 1024;
    /** Where a processor begins: 16 bytes below the end, a far jump to the image's first byte. */
    private static final int RESET_VECTOR = ROM_SIZE - 16;

    private static final byte[] JUMP_TO_START = {(byte) 0xea, 0, 0, 0, (byte) 0xf0};

    /** The letters the image writes, in order. */
    private enum Stage {
        R("real mode"),
        P("protected mode"),
        L("long mode"),
        B("breakpoint exception"),
        F("page fault"),
        U("user mode and system call"),
        T("timer interrupt");

        final String title;

        Stage(String title) {
            this.title = title;
        }
    }

    private AcceleratorProbe() {}

    /** What {@code qemu-system-x86_64 --version} says of itself, on one line. */
    static String qemuVersion() {
        ExternalProgram.Ended ended =
                ExternalProgram.run(List.of(QemuCommandLine.PROGRAM, "--version"), Duration.ofSeconds(20));
        if (ended.exitCode() != 0) {
            throw new CommandFailed(
                    Reason.FAILED,
                    QemuCommandLine.PROGRAM + " does not work on this host: " + ended.output(),
                    ExternalProgram.INSTALL_QEMU);
        }
        return ended.output().lines().findFirst().orElse("");
    }

    /** Empty when the accelerator passes every stage; otherwise which one failed, and how. Takes at most 3 s. */
    static String run(Accelerator.Kind kind) {
        Path rom = null;
        try {
            rom = Files.createTempFile("kvm-cloud-probe", ".rom");
            Files.write(rom, image());
            return run(kind, rom);
        } catch (IOException failed) {
            return "the probe could not be run: " + failed;
        } finally {
            if (rom != null) {
                var _ = rom.toFile().delete();
            }
        }
    }

    private static byte[] image() throws IOException {
        byte[] rom = new byte[ROM_SIZE];
        try (InputStream code = Objects.requireNonNull(AcceleratorProbe.class.getResourceAsStream("probe.bin"))) {
            byte[] bytes = code.readAllBytes();
            System.arraycopy(bytes, 0, rom, 0, bytes.length);
        }
        System.arraycopy(JUMP_TO_START, 0, rom, RESET_VECTOR, JUMP_TO_START.length);
        return rom;
    }

    private static String run(Accelerator.Kind kind, Path rom) throws IOException {
        Process process = new ProcessBuilder(arguments(kind, rom))
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            CompletableFuture<String> stages =
                    CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()), Thread::startVirtualThread);
            CompletableFuture<String> complaint =
                    CompletableFuture.supplyAsync(() -> firstComplaint(process), Thread::startVirtualThread);
            // On an internal error KVM's QEMU stays, paused: what it says then is the end of the probe.
            CompletableFuture.anyOf(
                            process.onExit(),
                            complaint.thenCompose(said -> said.isEmpty()
                                    ? new CompletableFuture<>()
                                    : CompletableFuture.completedFuture(said)))
                    .completeOnTimeout("", LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            boolean hangs = process.isAlive();
            // Through its handle: Process.destroyForcibly would close the streams that are still being read.
            process.toHandle().destroyForcibly();
            process.onExit().join();
            String said = complaint.join();
            if (process.exitValue() == PASSED && stages.join().length() == Stage.values().length) {
                return "";
            }
            String how = !said.isEmpty() ? said : hangs ? "hangs" : "exit status " + process.exitValue();
            return "it fails at " + failedStage(stages.join()) + " (" + how + ")";
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> arguments(Accelerator.Kind kind, Path rom) {
        return List.of(
                QemuCommandLine.PROGRAM,
                "-machine",
                "pc,usb=off,accel=" + kind.word(),
                "-no-user-config",
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-m",
                "16",
                "-bios",
                rom.toString(),
                "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4",
                "-chardev",
                "stdio,id=stages",
                "-device",
                "isa-debugcon,iobase=0xe9,chardev=stages");
    }

    private static String failedStage(String passed) {
        Stage[] stages = Stage.values();
        int count = 0;
        while (count < stages.length && passed.startsWith(stages[count].name(), count)) {
            count++;
        }
        return count == 0
                ? "the very start"
                : count == stages.length
                        ? "the end"
                        : "stage " + (count + 1) + " of " + stages.length + ", " + stages[count].title;
    }

    private static String readAll(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    /** The first line that says that something is wrong; other lines are warnings or a dump of registers. */
    private static String firstComplaint(Process process) {
        try (BufferedReader lines = process.errorReader()) {
            return lines.lines()
                    .filter(line -> line.contains("KVM internal error")
                            || line.contains("failed to initialize")
                            || line.contains("Could not access"))
                    .findFirst()
                    .map(line -> line.replaceAll("\\p{Cntrl}", "?").strip())
                    .orElse("");
        } catch (IOException | UncheckedIOException closed) {
            return "";
        }
    }
}
