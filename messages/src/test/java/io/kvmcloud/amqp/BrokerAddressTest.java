package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerAddressTest {

    @ParameterizedTest
    @CsvSource({
        "amqp://s1@127.0.0.1:35672/kvm-cloud, s1, 35672, kvm-cloud",
        "amqp://localhost/kvm-cloud, guest, 5672, kvm-cloud",
        "amqps://alice%40example.org:x@broker/a%2Fb, alice@example.org, 5671, a/b",
        "amqp://a+b@broker/x, a+b, 5672, x"
    })
    void aUriSaysUserPortAndVirtualHost(String uri, String user, int port, String vhost) {
        BrokerAddress address = BrokerAddress.of(uri, null);
        assertThat(address.user()).isEqualTo(user);
        assertThat(address.port()).isEqualTo(port);
        ConnectionFactory factory = address.factory();
        assertThat(factory.getUsername()).isEqualTo(user);
        assertThat(factory.getPort()).isEqualTo(port);
        assertThat(factory.getVirtualHost()).isEqualTo(vhost);
    }

    @ParameterizedTest
    @CsvSource({"rw-r--r--, false", "rw-----w-, true", "rw-r-----, true", "r--------, true"})
    void aPasswordThatEverybodyMayReadIsNoneAndOfAGroupItMayBe(
            String permissions, boolean taken, @TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("password"), "secret\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        BrokerAddress address = BrokerAddress.of("amqp://s1@broker/kvm-cloud", file);

        if (taken) {
            assertThat(address.factory().getPassword()).isEqualTo("secret");
        } else {
            assertThatThrownBy(address::factory).isInstanceOfSatisfying(CommandFailed.class, refused -> {
                assertThat(refused.failure().reason()).isEqualTo(Reason.REFUSED);
                assertThat(refused.failure().message())
                        .isEqualTo("everybody on this machine may read " + file
                                + " (rw-r--r--), which --password-file names");
                assertThat(refused.failure().hint()).startsWith("`chmod 600 " + file + "`");
            });
        }
    }

    @Test
    void aClustersNodesDifferInHostAndPortOnly() {
        BrokerAddress address = BrokerAddress.of("amqp://s1:x@one:1,two,[::1]:3/kvm-cloud", null);
        assertThat(address.addresses())
                .containsExactly(new Address("one", 1), new Address("two", 5672), new Address("[::1]", 3));
        assertThat(address.user()).isEqualTo("s1");
        assertThat(address.factory().getPassword()).isEqualTo("x");
        assertThat(address.factory().getVirtualHost()).isEqualTo("kvm-cloud");
        assertThat(address).hasToString("amqp://one:1,two:5672,[::1]:3/kvm-cloud");
    }

    @Test
    void thePasswordFileWinsAndItsLineEndIsNoPartOfThePassword(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("password"), "from the file\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(BrokerAddress.of("amqp://s1:from-the-uri@broker/x", file)
                        .factory()
                        .getPassword())
                .isEqualTo("from the file");
    }

    @Test
    void recoveryIsOffSinceTheSessionLoopStartsAnew() {
        ConnectionFactory factory = BrokerAddress.of("amqp://broker/x", null).factory();
        assertThat(factory.isAutomaticRecoveryEnabled()).isFalse();
        assertThat(factory.isTopologyRecoveryEnabled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "localhost:5672",
                "http://localhost/x",
                "amqp:///x",
                "amqp://",
                "amqp://one,/x",
                "amqp://,two/x",
                "amqp://a b/x",
                "amqp://[x"
            })
    void nothingElseIsABrokerUri(String uri) {
        assertThatThrownBy(() -> BrokerAddress.of(uri, null)).isInstanceOfSatisfying(CommandFailed.class, failed -> {
            assertThat(failed.failure().reason()).isEqualTo(Reason.INVALID);
            assertThat(failed.failure().message()).contains("is not a broker URI");
            assertThat(failed.failure().hint()).contains("amqp://operator@localhost:5672/kvm-cloud");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://s1:secret@broker/x",
                "amqp://s1:secret@bro ker/x",
                "amqp://s1:secret@/x",
                "amqp://s1:se@cret@broker:x/y"
            })
    void aPasswordInAUriIsNeverShown(String uri) {
        assertThatThrownBy(() -> BrokerAddress.of(uri, null).factory())
                .isInstanceOf(CommandFailed.class)
                .message()
                .doesNotContain("secret", "cret");
    }

    @Test
    void anAddressIsShownWithoutItsSecret() {
        assertThat(BrokerAddress.of("amqp://s1:secret@broker/kvm-cloud", null))
                .hasToString("amqp://broker:5672/kvm-cloud");
    }

    @Test
    void whoNamesACaAndForgetsTheSInAmqpsIsNotGivenAnOpenConnection(@TempDir Path directory) {
        Tls tls = new Tls(directory.resolve("ca.pem"), null, null);
        assertThatThrownBy(() -> BrokerAddress.of("amqp://s1@broker/x", null, tls))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("amqp:// is not encrypted");
    }

    @Test
    void aKeyOfAnotherCertificateIsFoundBeforeABrokerHangsUpOnIt(@TempDir Path directory) throws Exception {
        var certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.signed("carol", "ca", "ip:127.0.0.1");
        certificates.signed("bob", "ca", "ip:127.0.0.1");
        Path carol = directory.resolve("carol.pem");
        Path bob = directory.resolve("bob.key");
        assertThatThrownBy(() -> new Tls(null, carol, bob).context())
                .hasMessageStartingWith(bob + " is not the key of the first certificate in " + carol);
        assertThat(new Tls(null, carol, directory.resolve("carol.key")).context())
                .isNotNull();
    }

    @Test
    void aCertificateNeedsItsKeyAndBothMustBePem(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "-----BEGIN RSA PRIVATE KEY-----");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> new Tls(null, file, null)).hasMessageContaining("needs the key");
        assertThatThrownBy(() -> new Tls(file, null, null).context())
                .hasMessageContaining("there is no certificate in " + file);
        assertThatThrownBy(() -> new Tls(null, file, file).context())
                .isInstanceOfSatisfying(
                        CommandFailed.class,
                        failed -> assertThat(failed.failure().hint()).contains("openssl pkcs8 -topk8 -nocrypt"));
        assertThatThrownBy(() -> new Tls(directory.resolve("missing"), null, null).context())
                .hasMessageContaining("there is no such file");
    }
}
