package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.rabbitmq.client.Connection;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ground every other broker test stands on. */
@WithBroker
class WithBrokerIT {

    private final TestBroker broker;

    WithBrokerIT(TestBroker broker) {
        this.broker = broker;
    }

    @Test
    void allOfAClassSeesTheSameBroker(TestBroker parameter) {
        assertThat(parameter).isSameAs(broker);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kvm-manager", "s1", "s2", "s3", "operator", "viewer", "admin"})
    void everyRoleOfTheDefinitionsLogsIn(String user) {
        assertThatCode(() -> Session.open(broker.address(user), "test").close()).doesNotThrowAnyException();
    }

    @Test
    void theDefinitionsMadeTheQueues() {
        assertThat(broker.messages(Topology.MANAGER_COMMANDS)).isZero();
        assertThat(broker.consumers(Topology.DEAD_LETTERS)).isZero();
        assertThat(broker.exists(Topology.MANAGER_QUERIES)).isFalse();
    }

    @Test
    void aConnectionIsCutByItsName() {
        try (Session session = Session.open(broker.address("s1"), "kvm-controller s1")) {
            broker.closeConnections("kvm-controller s1");
            Awaitility.await().until(() -> session.ended().isDone());
            assertThat(session.ended().join()).contains("320", "Closed via management plugin");
        }
    }

    @Test
    void aForeignClientConnects() throws Exception {
        try (Connection connection = broker.connect("operator")) {
            assertThat(connection.isOpen()).isTrue();
        }
    }
}
