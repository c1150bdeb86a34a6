package io.kvmcloud.controller;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.messages.InstanceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A controller as a real process, its working directory on a small file system of its own, and a QEMU that waits before it
 * begins when there is a file {@code hold} in the instance's directory. Ends all it started.
 */
final class HostUnderTest implements AutoCloseable {

    private static final int PORTS = 40;

    private final TestBroker broker;
    private final String uri;
    private final Path directory;
    private final Path work;
    private final SmallDisk disk;
    private final int firstPort;
    private final Path qemu;
    private Process controller;

    /** Makes the file system and a template without a guest in it: real QEMUs that no one can ask to power down. */
    HostUnderTest(TestBroker broker, Path directory) throws IOException {
        this(broker, broker.uri("s1"), directory);
    }

    /** @param uri where its controller finds the broker */
    HostUnderTest(TestBroker broker, String uri, Path directory) throws IOException {
        this.broker = broker;
        this.uri = uri;
        this.directory = directory;
        this.work = Files.createDirectory(directory.resolve("work"));
        this.disk = new SmallDisk(work, "64m");
        Path template = Files.createDirectories(directory.resolve("templates/empty"));
        Files.write(template.resolve("disk.img"), new byte[1 << 20]);
        Files.writeString(template.resolve("template.json"), "{\"disk\": \"disk.img\"}");
        qemu = Files.createDirectory(directory.resolve("bin")).resolve("qemu-system-x86_64");
        Files.writeString(qemu, """
                        #!/bin/sh
                        [ -e hold ] && kill -STOP $$
                        exec "$REAL_QEMU" "$@"
                        """);
        Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwxr-xr-x"));
        firstPort = FreePorts.take(PORTS).getFirst();
        controller = begin();
    }

    /** Ends the controller with SIGKILL and starts it again. */
    void restartController() {
        end(controller);
        controller = begin();
    }

    /**
     * As a power cut does: ends the controller and all guests at once, and the next controller finds another start of the
     * machine.
     *
     * @param lose what was not synced; the journal's word that something else is comes from before it, and stays
     */
    void cutPower(Lose lose) {
        end(controller);
        endGuests();
        try {
            Path journal = work.resolve("journal");
            String lines = Files.readString(journal, StandardCharsets.ISO_8859_1);
            Files.writeString(
                    journal,
                    lose.from(lines).replaceAll("\"boot\":\"[^\"]+\"", "\"boot\":\"before the power cut\""),
                    StandardCharsets.ISO_8859_1);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        controller = begin();
    }

    /** Does to the disk what a power cut does. */
    interface Lose {
        /** Returns the lines of the journal that were synced. */
        String from(String journal) throws IOException;
    }

    boolean controllerRuns() {
        return controller.isAlive();
    }

    String log() {
        try {
            return Files.readString(directory.resolve("log"), StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    Path instances() {
        return work.resolve("instances");
    }

    Path directoryOf(InstanceId id) {
        return instances().resolve(Long.toString(id.number()));
    }

    /** The process that runs an instance's guest, or is about to. */
    Optional<ProcessHandle> qemu(InstanceId id) {
        String pidFile = directoryOf(id).resolve("pid") + "\0";
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains(pidFile))
                .findFirst();
    }

    /** Whether what is about to be an instance's QEMU has stopped at its {@code hold}. */
    boolean isHeld(InstanceId id) {
        return qemu(id).filter(process -> state(process.pid()) == 'T').isPresent();
    }

    /** As `kill -NAME` does. */
    static void signal(String name, ProcessHandle process) {
        Commands.run("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Its range of SSH ports. */
    List<Integer> ports() {
        return IntStream.range(firstPort, firstPort + PORTS).boxed().toList();
    }

    /** From now on its QEMU ends as soon as it is started, and says this. */
    void breakQemu(String complaint) throws IOException {
        Files.writeString(qemu, "#!/bin/sh\necho '" + complaint + "'\nexit 1\n");
    }

    /** The disk of the template. */
    Path templateDisk() {
        return directory.resolve("templates/empty/disk.img");
    }

    /** Where its working directory is. */
    SmallDisk disk() {
        return disk;
    }

    @Override
    public void close() {
        end(controller);
        endGuests();
        disk.close();
    }

    private void endGuests() {
        String ours = instances() + "/";
        ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains(ours))
                .forEach(process -> {
                    process.destroyForcibly();
                    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
                });
    }

    private Process begin() {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Controller.class.getName(),
                        "--name=s1",
                        "--amqp=" + uri,
                        "--password-file=" + broker.passwordFile("s1"),
                        "--work-dir=" + work,
                        "--template-dir=" + directory.resolve("templates"),
                        "--first-ssh-port=" + firstPort,
                        "--ssh-ports=" + PORTS,
                        "--accelerator=tcg",
                        "--memory=8G"))
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()));
        builder.environment().put("REAL_QEMU", realQemu().toString());
        builder.environment().merge("PATH", directory.resolve("bin").toString(), (path, ours) -> ours + ":" + path);
        try {
            return builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void end(Process process) {
        process.destroyForcibly().onExit().join();
    }

    private static Path realQemu() {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(each -> Path.of(each, "qemu-system-x86_64"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("qemu-system-x86_64 is not installed"));
    }

    private static String commandLine(long pid) {
        return read(pid, "cmdline");
    }

    /** As ps shows it: R, S, T for one that is stopped. */
    private static char state(long pid) {
        String stat = read(pid, "stat");
        return stat.isEmpty() ? 'X' : stat.charAt(stat.lastIndexOf(')') + 2);
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
