package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.controller.instance.Guest;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.instance.Hypervisor.PortTaken;
import io.kvmcloud.controller.instance.Ports;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Forward.Protocol;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real QEMU, real guests; the directory's name has a comma and spaces in it. */
class QemuIT {

    @TempDir
    private Path directory;

    private GuestBench bench;
    private Template empty;

    @BeforeEach
    void makeBench() throws IOException {
        bench = new GuestBench(directory);
        empty = GuestBench.diskTemplate(directory);
        Files.write(empty.disk(), new byte[1 << 20]);
    }

    @AfterEach
    void endGuests() {
        bench.close();
    }

    @Test
    void aGuestAnswersDoesWhatItWasGivenToDoOnceRebootsAnswersAgainAndPowersDown() throws Exception {
        UserData script = new UserData("#!/bin/sh\necho user $(id -u) of $(hostname) is here; exit 3\n");
        Forward second = toSsh();
        GuestSpec spec = bench.prepared(GuestBench.built("micro"), List.of(), script, List.of(second));
        Guest guest = GuestBench.QEMU.start(spec);
        GuestBench.awaitBanner(guest.sshPort());
        GuestBench.awaitBanner(second.host());
        forwardsComeAndGo(guest);
        awaitLogins(spec, 1);
        awaitConsole(spec, "micro: user-data ended with 3");

        tellHuman(spec, "system_reset\n");
        awaitLogins(spec, 2);
        GuestBench.awaitBanner(guest.sshPort());
        assertThat(guest.ended()).isNotDone();
        assertThat(console(spec).split("user 0 of s1-1000 is here", -1))
                .as("it ran once")
                .hasSize(2);

        GuestProcess process = GuestBench.process(guest.pid());
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    guest.powerdown();
                    return !process.alive();
                });
        assertThat(guest.ended().get(1, TimeUnit.SECONDS)).isEqualTo("the guest powered itself off");
        guest.kill();
    }

    private static void forwardsComeAndGo(Guest guest) throws IOException {
        Forward third = toSsh();
        guest.forward(third);
        GuestBench.awaitBanner(third.host());
        guest.assure(List.of(third)); // is there, and stays
        assertThatThrownBy(() -> guest.forward(third))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("does not forward " + third);
        guest.unforward(third);
        guest.unforward(third);
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), third.host()))
                .isInstanceOf(ConnectException.class);
        guest.assure(List.of(third));
        GuestBench.awaitBanner(third.host());
        Forward datagrams = new Forward(third.host(), 53, Protocol.UDP);
        guest.forward(datagrams);
        assertThat(Ports.obstacle("127.0.0.1", datagrams.port())).contains("in use");
        guest.unforward(datagrams);
        assertThat(Ports.obstacle("127.0.0.1", datagrams.port())).isEmpty();
    }

    private static Forward toSsh() throws IOException {
        return new Forward(FreePorts.take(), 22, Protocol.TCP);
    }

    @Test
    void userDataThatMicroDoesNotUnderstandIsSaidSoOnItsConsole() throws Exception {
        GuestSpec spec = bench.prepared(
                GuestBench.built("micro"), List.of(), new UserData("#cloud-config\nruncmd: [ls]\n"), List.of());
        Guest guest = GuestBench.QEMU.start(spec);
        awaitConsole(spec, "micro: its user-data is no script");
        guest.kill();
    }

    @Test
    void aDiskThatBootsItselfAnswersTooAndItsBootLoaderIsHeard() throws Exception {
        GuestSpec spec = bench.prepared(GuestBench.built("selfboot"));
        Guest guest = GuestBench.QEMU.start(spec);
        GuestBench.awaitBanner(guest.sshPort());
        awaitLogins(spec, 1);
        assertThat(Files.readString(GuestBench.QEMU.consoleLog(spec.directory())))
                .contains("SYSLINUX");
        guest.kill();
    }

    @Test
    void aKilledGuestIsGoneAndCanBeStartedAgainWhichItsConsoleTells() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Path console = GuestBench.QEMU.consoleLog(spec.directory());
        for (int i = 0; i < 2; i++) {
            Guest guest = GuestBench.QEMU.start(spec);
            GuestProcess process = GuestBench.process(guest.pid());
            guest.kill();
            assertThat(process.alive()).isFalse();
            assertThat(guest.ended().get(1, TimeUnit.SECONDS)).isEqualTo("killed");
            if (i == 0) {
                assertThat(Files.readString(console)).doesNotContain("started again");
                Files.writeString(console, "login: ", StandardOpenOption.APPEND);
            }
        }
        assertThat(Files.readString(console)).contains("login: \r\n-- started again, 20");
    }

    @Test
    void aQemuThatIsKilledByAStrangerIsKnownToBeGoneWithinASecond() throws Exception {
        Guest guest = GuestBench.QEMU.start(bench.prepared(empty));
        GuestBench.signal("KILL", guest.pid());
        assertThat(guest.ended().get(1, TimeUnit.SECONDS))
                .isEqualTo("QEMU (pid " + guest.pid() + ") died without a word");
        Guest other = GuestBench.QEMU.start(bench.prepared(empty));
        GuestBench.signal("TERM", other.pid());
        assertThat(other.ended().get(1, TimeUnit.SECONDS)).startsWith("QEMU was told by a signal to end");
    }

    @Test
    void aStoppedQemuIsKilledAllTheSame() throws Exception {
        Guest guest = GuestBench.QEMU.start(bench.prepared(empty));
        GuestProcess process = GuestBench.process(guest.pid());
        GuestBench.signal("STOP", guest.pid());
        guest.powerdown();
        long before = System.nanoTime();
        guest.kill();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
        assertThat(process.alive()).isFalse();
        assertThat(guest.ended().get(1, TimeUnit.SECONDS)).isEqualTo("killed");
    }

    @Test
    void aPortThatIsTakenIsNamedAndNothingStaysBehind() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        try (var _ = new ServerSocket(spec.sshPort(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> GuestBench.QEMU.start(spec))
                    .isInstanceOf(PortTaken.class)
                    .hasMessage("port " + spec.sshPort() + "/tcp is taken");
        }
        assertThat(GuestBench.adopt(spec)).isEmpty();
        GuestBench.QEMU.start(spec).kill();
    }

    @Test
    void ofSeveralPortsTheOneThatIsTakenIsNamed() throws Exception {
        Forward free = toSsh();
        Forward taken = new Forward(FreePorts.take(), 53, Protocol.UDP);
        GuestSpec spec = bench.prepared(empty, List.of(), UserData.NONE, List.of(free, taken));
        try (var _ = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.host()))) {
            assertThatThrownBy(() -> GuestBench.QEMU.start(spec))
                    .isInstanceOfSatisfying(
                            PortTaken.class, which -> assertThat(which.port()).isEqualTo(taken.port()));
        }
        GuestBench.QEMU.start(spec).kill();
    }

    @Test
    void anAddressOfAnotherHostIsNotTakenForATakenPort() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        GuestSpec elsewhere = new GuestSpec(
                spec.id(),
                spec.uuid(),
                spec.directory(),
                spec.template(),
                spec.memory(),
                spec.cpus(),
                "192.0.2.1",
                spec.sshPort());
        assertThatThrownBy(() -> GuestBench.QEMU.start(elsewhere))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("192.0.2.1 cannot be forwarded: Cannot assign requested address");
    }

    @Test
    void aQemuThatDiesWhileStartingShowsWhatItSaid() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        try (FileChannel disk = FileChannel.open(spec.directory().resolve("disk.qcow2"), StandardOpenOption.WRITE)) {
            disk.truncate(100);
        }
        assertFails(spec, "QEMU died while starting s1/1000", "disk.qcow2", "qcow2");
    }

    @Test
    void aKernelThatIsGoneIsNamed() throws Exception {
        Path kernel = directory.resolve("no kernel");
        Template broken = new Template(
                "broken",
                "",
                new Template.Boot.Kernel(kernel, null, ""),
                empty.disk(),
                "raw",
                "",
                empty.minimumMemory(),
                true,
                "");
        assertFails(bench.prepared(broken), "QEMU died while starting", kernel.toString());
    }

    @Test
    void aTemplateThatChangedOrIsGoneIsNotStartedOn() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Files.write(empty.disk(), new byte[2 << 20]);
        assertFails(spec, "has changed since s1/1000 was made", "is 2097152 bytes", "was 1048576 bytes");
        Files.delete(empty.disk());
        assertFails(spec, "template empty is damaged", empty.disk() + " is gone");
        Files.delete(spec.directory().resolve("disk.qcow2"));
        assertFails(spec, "the disk of s1/1000 is gone");
    }

    private static void assertFails(GuestSpec spec, String... words) {
        assertThatThrownBy(() -> GuestBench.QEMU.start(spec)).isInstanceOfSatisfying(CommandFailed.class, failed -> {
            assertThat(failed.failure().reason()).isEqualTo(Reason.FAILED);
            assertThat(failed.failure().message()).contains(words);
            assertThat(failed.failure().message().lines()).hasSizeLessThan(8);
            assertThat(failed.failure().hint()).isNotEmpty();
        });
    }

    /** The console asks for a user, and shows the name that the guest has from its seed. */
    private static void awaitLogins(GuestSpec spec, int times) {
        await().atMost(Duration.ofSeconds(90)).until(() -> console(spec).split("s1-1000 login:", -1).length > times);
    }

    private static void awaitConsole(GuestSpec spec, String text) {
        await().atMost(Duration.ofSeconds(90)).until(() -> console(spec).contains(text));
    }

    private static String console(GuestSpec spec) throws IOException {
        Path log = GuestBench.QEMU.consoleLog(spec.directory());
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** Through the second monitor, the one for people. */
    private static void tellHuman(GuestSpec spec, String line) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(spec.directory().resolve("hmp.sock")));
            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            // The prompt again: whoever hangs up earlier is not heard.
            while (text(answer).split("\n\\(qemu\\) ", -1).length < 3) {
                channel.read(answer);
            }
        }
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate().flip()).toString();
    }
}
