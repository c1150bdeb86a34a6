package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From nothing to an SSH server's first line. */
class LaunchTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void theOnlyTemplateIsLaunchedAndItsIdPrinted() throws Exception {
        try (ServerSocket guest = greeting()) {
            cloud.nextPort = guest.getLocalPort();

            Typed launched = Typed.at(cloud, home, "launch");

            assertThat(launched.out()).isEqualTo("s2/2001\n");
            assertThat(launched.err())
                    .matches(
                            "s2/2001: placed s2 \\d+ ms · disk 12 ms · cold 45 ms \\(no warm state yet\\) · ssh \\d+ ms\n");
            assertThat(launched.exit()).isZero();
            assertThat(created()).singleElement().satisfies(command -> {
                assertThat(command.template()).isEqualTo("cirros");
                assertThat(command.memory()).isEqualTo(MemorySize.ofMebibytes(128));
                assertThat(command.cpus()).isEqualTo(1);
                assertThat(command.sshKeys()).isNotEmpty();
            });
        }
    }

    @Test
    void severalAreLaunchedAtOnceAndNeedNotBeWaitedFor() {
        Typed launched = Typed.at(cloud, home, "launch", "cirros", "--count", "3", "--memory", "256M", "--no-wait");

        assertThat(launched.out().lines()).containsExactlyInAnyOrder("s2/2001", "s2/2002", "s2/2003");
        assertThat(launched.err()).doesNotContain("ssh");
        assertThat(created()).hasSize(3).allMatch(command -> command.memory().mebibytes() == 256);
    }

    @Test
    void itHasUserDataAndPortsAndTellsWhereTheyAre() throws Exception {
        Path script = Files.writeString(home.resolve("setup"), "#!/bin/sh\n");

        Typed launched = Typed.at(
                cloud,
                home,
                "launch",
                "--no-wait",
                "--user-data",
                script.toString(),
                "--forward",
                "8080:80",
                "--forward",
                ":53/udp");

        assertThat(launched.err().lines())
                .endsWith(
                        "127.0.0.1:8080 leads to port 80 of s2/2001",
                        "127.0.0.1:30080 leads to port 53 of s2/2001 (udp)");
        assertThat(created()).singleElement().satisfies(command -> {
            assertThat(command.userData()).isEqualTo(new UserData("#!/bin/sh\n"));
            assertThat(command.forwards()).containsExactly(Forward.parse("8080:80"), Forward.parse(":53/udp"));
        });
    }

    @Test
    void onePortCannotLeadToThree() {
        Typed launched = Typed.at(cloud, home, "launch", "--count", "3", "--forward", "8080:80");

        assertThat(launched.exit()).isEqualTo(2);
        assertThat(launched.err())
                .isEqualTo("kvm-cloud: --forward 8080:80/tcp: port 8080 can lead to one instance, not to 3\n"
                        + "  hint: --forward :80 gives each a free port   (exit 2)\n");
        assertThat(cloud.asked).isEmpty();
    }

    @Test
    void anOpIdIsThatOfAllItAsksFor() {
        Typed.at(cloud, home, "launch", "cirros", "--count", "2", "--no-wait", "--op-id", "web");

        assertThat(cloud.ops.stream().filter(OpId.Op::again).map(OpId.Op::id))
                .containsExactlyInAnyOrder("web/1", "web/1/run", "web/2", "web/2/run");
    }

    @Test
    void aGuestThatIsSilentGoesOnAndItsConsoleIsShown() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            cloud.nextPort = silent.getLocalPort();

            Typed launched = Typed.at(cloud, home, "launch", "--timeout", "1");

            assertThat(launched.exit()).isEqualTo(5);
            assertThat(launched.out()).isEmpty();
            assertThat(launched.err())
                    .contains("the end of its serial console:\n[    0.0] booting")
                    .contains("s2/2001 has not answered on SSH within 1 s; it goes on")
                    .contains("`kvm-cloud ssh s2/2001` goes on waiting");
        }
    }

    @Test
    void aTemplateThatNobodyOffersIsNamed() {
        Typed launched = Typed.at(cloud, home, "launch", "cirrus");

        assertThat(launched.exit()).isEqualTo(3);
        assertThat(launched.err())
                .contains("no controller offers a template 'cirrus'; there are cirros")
                .contains("did you mean `kvm-cloud launch cirros`?");
    }

    private List<NewInstance> created() {
        return cloud.asked.stream()
                .filter(NewInstance.class::isInstance)
                .map(NewInstance.class::cast)
                .toList();
    }

    /** A guest's SSH server, as far as its first line. */
    private static ServerSocket greeting() throws IOException {
        ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    client.getOutputStream().write("SSH-2.0-test\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return server;
    }
}
