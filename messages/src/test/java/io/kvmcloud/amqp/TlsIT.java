package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Finding.Severity;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that shows a certificate, wants ours, and speaks nothing older than TLS 1.3. */
class TlsIT {

    @TempDir
    private static Path directory;

    /** A client sends that one, of 6 bytes, in the middle of the greeting (RFC 8446, D.4). */
    private static final int MORE_THAN_CHANGE_CIPHER_SPEC = 7;

    private static Certificates certificates;
    private static PrivateServer server;
    private static int port;
    private static int managementPort;

    @BeforeAll
    static void start() throws Exception {
        certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.signed("server", "ca", "ip:127.0.0.1");
        certificates.signed("client", "ca", "dns:client");
        certificates.signed("admin", "ca", "dns:admin");
        port = FreePorts.take();
        managementPort = FreePorts.take();
        String files = """
                %1$s.cacertfile = %2$s/ca.pem
                %1$s.certfile = %2$s/server.pem
                %1$s.keyfile = %2$s/server.key
                """;
        server = Servers.ready(PrivateServer.launch(
                "listeners.ssl.1 = 127.0.0.1:" + port + "\n"
                        + "ssl_options.versions.1 = tlsv1.3\n"
                        + "ssl_options.verify = verify_peer\n"
                        + "ssl_options.fail_if_no_peer_cert = true\n"
                        + files.formatted("ssl_options", directory)
                        + "auth_mechanisms.1 = PLAIN\n"
                        + "auth_mechanisms.2 = EXTERNAL\n"
                        + "ssl_cert_login_from = common_name\n"
                        + "management.ssl.ip = 127.0.0.1\n"
                        + "management.ssl.port = " + managementPort + "\n"
                        + files.formatted("management.ssl", directory),
                "rabbitmq_auth_mechanism_ssl"));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void withItsCaAndOurCertificateWeTalk() throws Exception {
        BrokerAddress address = address("127.0.0.1", tls("ca", "client"));
        try (Session session = Session.open(address, "test");
                Connection connection = address.factory().newConnection(address.addresses());
                Channel channel = connection.createChannel()) {
            assertThat(session.user()).isEqualTo("admin");
            assertThat(channel.queueDeclare().getQueue()).isNotEmpty();
        }
    }

    @Test
    void whoHasACertificateAndNoPasswordIsTheUserThatItNames() throws Exception {
        String uri = "amqps://admin@127.0.0.1:" + port + "/%2F";
        try (Session session = Session.open(BrokerAddress.of(uri, null, tls("ca", "admin")), "test")) {
            assertThat(session.ended()).isNotDone();
        }
        assertThat(failing(BrokerAddress.of(uri, null, tls("ca", "client"))).message())
                .contains("does not accept the certificate " + directory.resolve("client.pem"));
    }

    @Test
    void aKeyThatEverybodyMayReadIsNotTaken() throws Exception {
        Path key = directory.resolve("server.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        Failure failure = failing(address("127.0.0.1", tls("ca", "server")));
        assertThat(failure.message()).contains("everybody on this machine may read " + key, "--key-file");
        assertThat(failure.hint()).contains("chmod 600 " + key);
    }

    @Test
    void aLookTellsTheProtocolAndHowLongCertificatesAreGood() {
        BrokerAddress address = address("127.0.0.1", tls("ca", "client"));
        List<Finding> soon = new TlsLook(address, Instant.now()).findings();

        assertThat(soon).extracting(Finding::severity).containsExactly(Severity.WARN, Severity.WARN);
        assertThat(soon.getFirst().what())
                .contains("TLSv1.3, 127.0.0.1:" + port, "CN=server, signed by CN=ca, until ", ", 1 days");
        assertThat(soon.getLast().what()).contains("ours, " + directory.resolve("client.pem"), "CN=client");

        List<Finding> late = new TlsLook(address, Instant.now().plus(Duration.ofDays(3))).findings();
        assertThat(late).extracting(Finding::severity).containsExactly(Severity.FAIL, Severity.FAIL);
        assertThat(late.getFirst().what()).contains("CN=server", "ended on ");
        assertThat(late.getFirst().fix()).contains("ssl_options.certfile");
        assertThat(new TlsLook(address, Instant.now().minus(Duration.ofDays(3))).findings())
                .allSatisfy(early -> assertThat(early.what()).contains("is good only from"));
    }

    @Test
    void aLookSeesTheCertificateOfABrokerThatHangsUpBeforeTheGreetingIsOver() throws Exception {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread hangingUp = Thread.startVirtualThread(() -> greetAndHangUp(listening));
            BrokerAddress address = BrokerAddress.of(
                    "amqps://admin@127.0.0.1:" + listening.getLocalPort() + "/%2F", null, tls("ca", null));
            assertThat(new TlsLook(address, Instant.now()).findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.what()).contains("TLSv1.3", "CN=server, signed by CN=ca"));
            hangingUp.join();
        }
    }

    /** Passes the hello on to the broker, and what it says to that to the client; hangs up when that begins to answer. */
    private static void greetAndHangUp(ServerSocket listening) {
        try (Socket client = listening.accept();
                var broker = new Socket(InetAddress.getLoopbackAddress(), port)) {
            broker.getOutputStream().write(read(client));
            byte[] greeting = read(broker);
            client.getOutputStream().write(greeting);
            client.getInputStream().readNBytes(MORE_THAN_CHANGE_CIPHER_SPEC);
            client.setSoLinger(true, 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What comes until nothing came for a while. */
    private static byte[] read(Socket socket) throws IOException {
        var all = new ByteArrayOutputStream();
        byte[] some = new byte[65_536];
        try {
            for (int count; (count = socket.getInputStream().read(some)) > 0; ) {
                all.write(some, 0, count);
                socket.setSoTimeout(300);
            }
        } catch (SocketTimeoutException _) {
            // The other side waits for an answer.
        }
        return all.toByteArray();
    }

    @Test
    void aLookAtAPortWithoutTlsSaysThatNothingSpeaksItThere() {
        BrokerAddress plain = BrokerAddress.of(
                "amqps://admin@127.0.0.1:" + server.access().amqp().getPort() + "/%2F", null, tls("ca", null));
        assertThat(new TlsLook(plain, Instant.now()).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.FAIL);
            assertThat(finding.what()).contains("nothing speaks TLS at 127.0.0.1:");
        });
    }

    @Test
    void itIsTls13AndNothingOlder() throws Exception {
        try (var socket =
                (SSLSocket) tls("ca", "client").context().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
        }
    }

    @Test
    void aBrokerWhoseCertificateNobodyWeKnowSignedIsNotBelieved() {
        Failure wrong = failing(address("127.0.0.1", tls("stranger", "client")));
        assertThat(wrong.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(wrong.message()).contains("is signed by nobody in " + directory.resolve("stranger.pem"));
        assertThat(wrong.hint()).contains("--ca-file");
        assertThat(failing(address("127.0.0.1", Tls.DEFAULT)).message())
                .as("whoever wants TLS and names no CA is not given one that believes everybody")
                .contains("signed by nobody that this JDK knows");
    }

    @Test
    void aCertificateForAnotherHostIsNotBelieved() {
        Failure failure = failing(address("localhost", tls("ca", "client")));
        assertThat(failure.message()).contains("is for another host");
        assertThat(failure.hint()).contains("--amqp");
    }

    @Test
    void aBrokerThatWantsOurCertificateSaysSo() {
        Failure failure = failing(address("127.0.0.1", tls("ca", null)));
        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message()).contains("that wants a certificate of ours");
        assertThat(failure.hint()).contains("--certificate-file and --key-file");
    }

    @Test
    void aPortWithoutTlsIsToldFromACertificateThatIsWrong() {
        BrokerAddress plain = BrokerAddress.of(
                "amqps://admin@127.0.0.1:" + server.access().amqp().getPort() + "/%2F", password(), tls("ca", null));
        assertThat(failing(plain).message()).contains("does not speak TLSv1.3");
        assertThat(failing(plain).hint()).contains("5671");
    }

    @Test
    void usersAreAdministeredOverHttpsWithTheSameCa() {
        URI https = URI.create("https://admin@127.0.0.1:" + managementPort);
        BrokerAddress broker = address("127.0.0.1", tls("ca", null));
        await().atMost(Duration.ofSeconds(10))
                .until(() -> !new BrokerUsers(ManagementAddress.of(https.toString(), broker, null))
                        .list()
                        .isEmpty());
        Failure failure = catchThrowableOfType(
                        CommandFailed.class,
                        () -> new BrokerUsers(ManagementAddress.of(
                                        https.toString(), address("127.0.0.1", tls("stranger", null)), null))
                                .list())
                .failure();
        assertThat(failure.message()).contains("is not believed", "certification path");
        assertThat(failure.hint()).contains("--ca-file");
    }

    private static Tls tls(String ca, @Nullable String ours) {
        return new Tls(
                directory.resolve(ca + ".pem"),
                ours == null ? null : directory.resolve(ours + ".pem"),
                ours == null ? null : directory.resolve(ours + ".key"));
    }

    private static BrokerAddress address(String host, Tls tls) {
        return BrokerAddress.of("amqps://admin@" + host + ":" + port + "/%2F", password(), tls);
    }

    private static Path password() {
        try {
            Path file = TestBroker.secret(
                    directory.resolve("password"), server.access().password());
            return file;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Failure failing(BrokerAddress address) {
        return catchThrowableOfType(
                        CommandFailed.class, () -> Session.open(address, "test").close())
                .failure();
    }
}
