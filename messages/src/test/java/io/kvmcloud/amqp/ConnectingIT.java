package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who does not get in is told why, and what to look at. */
@WithBroker
class ConnectingIT {

    private final TestBroker broker;

    ConnectingIT(TestBroker broker) {
        this.broker = broker;
    }

    @Test
    void aBrokerThatIsNotThereIsNamed() {
        int port = FreePorts.take();
        Failure failure = opening(BrokerAddress.of("amqp://operator:x@127.0.0.1:" + port + "/kvm-cloud", null));
        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message())
                .isEqualTo("no RabbitMQ answers at amqp://127.0.0.1:" + port + "/kvm-cloud: Connection refused");
        assertThat(failure.hint()).contains("kvm-cloud up", "--amqp");
    }

    @Test
    void aWrongPasswordIsToldFromABrokerThatIsNotThere(@TempDir Path directory) throws Exception {
        Path wrong = TestBroker.secret(directory.resolve("wrong"), "not the password\n");
        Failure failure = opening(BrokerAddress.of(broker.uri("operator"), wrong));
        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message())
                .contains("does not accept user 'operator' with this password")
                .doesNotContain("not the password");
        assertThat(failure.hint()).contains("--password-file");
    }

    @Test
    void aVirtualHostThatIsNotThereIsNamed() {
        String elsewhere = broker.uri("operator").replace(broker.here(), "nowhere");
        Failure failure = opening(BrokerAddress.of(elsewhere, broker.passwordFile("operator")));
        assertThat(failure.message()).contains("does not let user 'operator' in", "530", "vhost nowhere not found");
    }

    @Test
    void aPasswordFileThatIsNotThereIsNamed(@TempDir Path directory) {
        Failure failure = opening(BrokerAddress.of(broker.uri("operator"), directory.resolve("missing")));
        assertThat(failure.reason()).isEqualTo(Reason.INVALID);
        assertThat(failure.message()).contains("cannot read ", "missing", "there is no such file");
    }

    @Test
    void aBrokerThatIsSlowerThanUsualIsWaitedForOnceMore() throws IOException {
        try (SlowBroker slow = new SlowBroker(broker)) {
            assertThatCode(() -> Requester.open(slow.address("operator"), "test", "test")
                            .close())
                    .doesNotThrowAnyException();
        }
    }

    private static Failure opening(BrokerAddress address) {
        return catchThrowableOfType(
                        CommandFailed.class,
                        () -> Requester.open(address, "test", "test").close())
                .failure();
    }
}
