package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way into an instance, up to the moment the system's ssh takes over. */
class SshTest {

    @TempDir
    private Path home;

    @Test
    void sshIsToldAllOfItAndNothingOfThePersonsConfiguration() {
        var instance = FakeCloud.instance("s1/1000", InstanceStatus.ONLINE, 2200, "");
        var ssh = new SshClient("ssh", Path.of("/a b/100%/known_hosts"), List.of(Path.of("/a b/100%/id_ed25519")));

        assertThat(ssh.arguments(instance, "cirros", false, List.of("uname", "-a")))
                .containsSubsequence(
                        "-F", "/dev/null", "-o", "Port=2200", "-o", "User=cirros", "-i", "/a b/100%%/id_ed25519")
                .containsSubsequence("-o", "HostName=\"127.0.0.1\"")
                .containsSubsequence("-o", "UserKnownHostsFile=\"/a b/100%%/known_hosts\"")
                .containsSubsequence("-o", "HostKeyAlias=kvm-cloud-s1-1000-1767323045")
                .containsSubsequence("-o", "StrictHostKeyChecking=accept-new")
                .containsSubsequence("-o", "BatchMode=yes")
                .endsWith("kvm-cloud-s1-1000-1767323045", "--", "uname", "-a");
        assertThat(ssh.arguments(instance, "", true, List.of()))
                .doesNotContain("BatchMode=yes")
                .noneMatch(argument -> argument.startsWith("User="))
                .endsWith("kvm-cloud-s1-1000-1767323045");
    }

    @Test
    void scpIsToldTheSame() {
        var instance = FakeCloud.instance("s1/1000", InstanceStatus.ONLINE, 2200, "");
        var scp = new SshClient("scp", home, List.of());

        assertThat(scp.copying(instance, "cirros", false, true, List.of("-x", "kvm-cloud-s1-1000-1767323045:")))
                .containsSubsequence("-o", "Port=2200", "-o", "User=cirros", "-o", "BatchMode=yes")
                .endsWith("-s", "-r", "--", "-x", "kvm-cloud-s1-1000-1767323045:");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cp a b                      | none of these paths is in an instance
            cp ./s1/1000:a b            | none of these paths is in an instance
            cp s1/1000:a s2/2000:b      | these paths are in 2 instances, s1/1000, s2/2000
            cp s1/1000:a s1/1000:b      | files go from here to s1/1000 or from there to here
            cp a s1/1000:b c            | files go from here to s1/1000 or from there to here
            """)
    void aCopyGoesBetweenHereAndOneInstance(String line, String why) {
        Typed typed = Typed.at(new FakeCloud(), home, line.split(" "));

        assertThat(typed.exit()).isEqualTo(2);
        assertThat(typed.err()).startsWith("kvm-cloud: " + why + "\n  hint: ");
    }

    @Test
    void theGuestsExitCodeIsOurs() {
        assertThat(new SshClient("sh", home, List.of()).run(List.of("-c", "exit 42"), true))
                .isEqualTo(42);
    }

    @Test
    void aMissingSshSaysWhatToInstall() {
        assertThatThrownBy(() -> new SshClient("ssh-of-nobody", home, List.of()).run(List.of(), true))
                .isInstanceOfSatisfying(CommandFailed.class, failed -> {
                    assertThat(failed.getMessage()).isEqualTo("cannot run ssh-of-nobody: No such file or directory");
                    assertThat(failed.failure().hint()).contains("apt-get install openssh-client");
                });
    }

    @Test
    void anInstanceThatIsOfflineIsRefused() {
        assertThat(Typed.at(new FakeCloud(), home, "ssh", "s2/2000")).isEqualTo(new Typed(6, "", """
                        kvm-cloud: instance s2/2000 is OFFLINE; only an ONLINE one can be logged in to
                          hint: `kvm-cloud run s2/2000` starts it   (exit 6)
                        """));
    }

    @Test
    void aGuestThatIsSilentForTooLongTimesOut() throws Exception {
        var cloud = new FakeCloud();
        try (var server = listening()) {
            cloud.put(FakeCloud.instance("s1/1000", InstanceStatus.ONLINE, server.getLocalPort(), ""), 0, true);

            Typed typed = Typed.at(cloud, home, "ssh", "s1/1000", "--timeout", "1");

            assertThat(typed.exit()).isEqualTo(5);
            assertThat(typed.err())
                    .contains("no SSH server answers at 127.0.0.1:" + server.getLocalPort() + " for s1/1000 after 1 s")
                    .contains("`kvm-cloud logs s1/1000`");
        }
    }

    @Test
    void whoWaitsForAGuestOfASilentControllerIsToldSoAlsoInAScript() throws Exception {
        var cloud = new FakeCloud();
        try (var server = listening()) {
            cloud.put(FakeCloud.instance("s1/1000", InstanceStatus.ONLINE, server.getLocalPort(), ""), 43, false);

            Typed typed = Typed.at(cloud, home, "ssh", "s1/1000", "--timeout", "2");

            String silent = "its controller s1 was last heard of 43 s ago";
            assertThat(typed.exit()).isEqualTo(5);
            assertThat(typed.err())
                    .startsWith("waiting for the SSH server of s1/1000 (" + silent + ") …\n")
                    .contains("hint: " + silent + "; `kvm-cloud controllers` tells when it is back");
        }
    }

    @Test
    void aGuestThatGoesOfflineIsNotWaitedFor() throws Exception {
        var cloud = new FakeCloud();
        int nobody;
        try (var server = listening()) {
            nobody = server.getLocalPort();
        }
        cloud.put(FakeCloud.instance("s1/1000", InstanceStatus.ONLINE, nobody, ""), 0, true);
        var banner = new SshBanner("127.0.0.1", nobody, false);

        assertThatThrownBy(() -> banner.await(Duration.ofMinutes(1), () -> {
                    throw new IllegalStateException("it is OFFLINE");
                }))
                .hasMessage("it is OFFLINE");
    }

    @Test
    void anOpenPortIsNotTrustedOnlyTheBannerIs() throws Exception {
        try (var server = listening();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var greetings = List.of("", "220 smtp\r\n", "SSH-2.0-dropbear\r\n");
            Future<Integer> served = threads.submit(() -> {
                int connections = 0;
                for (String greeting : greetings) {
                    greet(server, greeting);
                    connections++;
                }
                return connections;
            });

            boolean there =
                    new SshBanner("127.0.0.1", server.getLocalPort(), false).await(Duration.ofSeconds(30), () -> {});

            assertThat(there).isTrue();
            assertThat(served.get()).isEqualTo(greetings.size());
        }
    }

    @Test
    void aGuestThatHasItsNetworkAndIsSlowGetsOneConnectionOnly() throws Exception {
        try (var server = listening();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> there = threads.submit(() ->
                    new SshBanner("127.0.0.1", server.getLocalPort(), true).await(Duration.ofSeconds(30), () -> {}));
            try (var connection = server.accept()) {
                server.setSoTimeout(1_200);
                assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
                connection.getOutputStream().write("SSH-2.0-slow\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(there.get()).isTrue();
            }
        }
    }

    @Test
    void processesThatNeedTheKeyAtOnceGetTheSameOne() throws Exception {
        var output = new Output(System.out, System.err);
        var keys = new HashSet<String>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Callable<List<String>>> asking = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                asking.add(() -> new SshKeys(environment()).authorized(output));
            }
            for (Future<List<String>> asked : threads.invokeAll(asking)) {
                keys.addAll(asked.get());
            }
        }

        assertThat(keys).singleElement().asString().startsWith("ssh-ed25519 ").endsWith(" kvm-cloud");
        assertThat(Files.getPosixFilePermissions(home.resolve("state/ssh/id_ed25519")))
                .hasSize(2);
    }

    @Test
    void aPairThatACrashLeftHalfDoneIsMadeAgain() throws Exception {
        Files.createDirectories(home.resolve("state/ssh"));
        Files.writeString(home.resolve("state/ssh/id_ed25519"), "half");

        List<Path> identities = new SshKeys(environment()).identities();

        assertThat(identities).containsExactly(home.resolve("state/ssh/id_ed25519"));
        assertThat(Files.readString(identities.getFirst())).contains("OPENSSH PRIVATE KEY");
    }

    private Map<String, String> environment() {
        return Typed.surroundings(home).environment();
    }

    private static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    }

    private static void greet(ServerSocket server, String greeting) {
        try (Socket client = server.accept()) {
            client.getOutputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
