package io.kvmcloud.controller.qemu;

import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.controller.instance.Guest;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.controller.template.Templates;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** A place to run real guests in, which ends all of them when it is closed. */
final class GuestBench implements AutoCloseable {

    static final Qemu QEMU = new Qemu(new Accelerator(Accelerator.Kind.TCG, "a test"));
    private static final UUID ID = UUID.fromString("7b1c5a0e-2f64-4c0a-9f3e-0123456789ab");

    private final Path directory;
    private final List<Path> instances = new ArrayList<>();

    GuestBench(Path directory) {
        this.directory = directory;
    }

    /** A new instance, not started. */
    GuestSpec prepared(Template template) throws IOException {
        return prepared(template, List.of());
    }

    /** The same; these keys may log in. */
    GuestSpec prepared(Template template, List<String> sshKeys) throws IOException {
        return prepared(template, sshKeys, "", DiskSize.OF_TEMPLATE, UserData.NONE, List.of());
    }

    /** The same with a name, on a disk of this size. */
    GuestSpec prepared(Template template, List<String> sshKeys, String name, DiskSize disk) throws IOException {
        return prepared(template, sshKeys, name, disk, UserData.NONE, List.of());
    }

    /** The same; with something to do at its first boot, and more ports than the one for SSH. */
    GuestSpec prepared(Template template, List<String> sshKeys, UserData userData, List<Forward> forwards)
            throws IOException {
        return prepared(template, sshKeys, "", DiskSize.OF_TEMPLATE, userData, forwards);
    }

    private GuestSpec prepared(
            Template template,
            List<String> sshKeys,
            String name,
            DiskSize disk,
            UserData userData,
            List<Forward> forwards)
            throws IOException {
        Path instance = directory.resolve("instances, of a test").resolve(String.valueOf(1000 + instances.size()));
        Files.createDirectories(instance);
        instances.add(instance);
        GuestSpec spec = new GuestSpec(
                InstanceId.parse("s1/" + instance.getFileName()),
                UUID.randomUUID(),
                instance,
                template,
                MemorySize.ofMebibytes(96),
                1,
                "127.0.0.1",
                FreePorts.take(),
                name,
                disk,
                forwards);
        QEMU.prepare(spec, sshKeys, userData);
        return spec;
    }

    /** A template of the repository, built once for all tests of the repository. */
    static Template built(String name) throws IOException {
        Path root = Path.of(Objects.requireNonNull(System.getProperty("kvm.root"), "kvm.root, see the pom"));
        Path templates = root.resolve("target/templates");
        Files.createDirectories(templates);
        ExternalProgram.Ended built = ExternalProgram.run(
                List.of(
                        root.resolve("templates").resolve(name).resolve("build").toString(),
                        templates.resolve(name).toString()),
                Duration.ofMinutes(3));
        if (built.exitCode() != 0) {
            throw new AssertionError("the template " + name + " cannot be built: " + built.output());
        }
        return Templates.open(List.of(templates), root.resolve("target")).get(name);
    }

    /** Something QEMU can start without a guest in it: an empty disk. */
    static Template diskTemplate(Path directory) {
        return new Template(
                "empty",
                "",
                new Template.Boot.Disk(),
                directory.resolve("empty.img"),
                "raw",
                "",
                MemorySize.ofMebibytes(64),
                true,
                "");
    }

    /** Always the same one. */
    static GuestSpec spec(Path directory, Template template, int port) {
        return new GuestSpec(
                InstanceId.parse("s2/2000"), ID, directory, template, MemorySize.ofMebibytes(64), 1, "127.0.0.1", port);
    }

    /** The same with a disk of this size. */
    static GuestSpec withDisk(GuestSpec spec, DiskSize disk) {
        return new GuestSpec(
                spec.id(),
                spec.uuid(),
                spec.directory(),
                spec.template(),
                spec.memory(),
                spec.cpus(),
                spec.bindAddress(),
                spec.sshPort(),
                spec.name(),
                disk,
                spec.forwards());
    }

    static Optional<Guest> adopt(GuestSpec spec) {
        return QEMU.adopt(spec.directory(), spec.uuid(), spec.sshPort());
    }

    /** Waits until the guest's SSH server answers. */
    static void awaitBanner(int port) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> banner(port).startsWith("SSH-"));
    }

    private static String banner(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(500);
            byte[] letters = socket.getInputStream().readNBytes(4);
            return new String(letters, StandardCharsets.US_ASCII);
        } catch (IOException notYet) {
            return "";
        }
    }

    static GuestProcess process(long pid) {
        return GuestProcess.of(pid).orElseThrow(() -> new AssertionError("no process " + pid));
    }

    /** As `kill -NAME` does. */
    static void signal(String name, long pid) {
        ExternalProgram.run(List.of("kill", "-" + name, String.valueOf(pid)), Duration.ofSeconds(5));
    }

    @Override
    public void close() {
        instances.forEach(QEMU::reap);
    }
}
