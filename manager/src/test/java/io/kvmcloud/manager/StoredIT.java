package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.OpStatus;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Reply;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What clients sent while no manager was there is carried out, also when its controller comes later than the manager. */
@Tag("every-broker")
@WithBroker
class StoredIT {

    /** It is looked at again every 10 s. */
    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestBroker broker;
    private final FakeCloud cloud;
    private final Client client;

    StoredIT(TestBroker broker) {
        this.broker = broker;
        this.cloud = new FakeCloud(broker);
        this.client = cloud.client();
    }

    @AfterEach
    void end() {
        cloud.close();
    }

    @Test
    void aStoredNewWaitsForAControllerAndNotForOneThatNeverComesBack() {
        cloud.controller("s1").crash();
        String stored = client.ask(FakeCloud.newMicro(128));
        await().until(() -> broker.messages(Topology.MANAGER_COMMANDS) == 1);

        cloud.manager("m1");
        String told = FakeCloud.failure(client.answer(stored)).message();
        Reply.Failure live = FakeCloud.failure(client.call(FakeCloud.newMicro(128)));

        assertThat(told).startsWith("request " + stored + " is stored").contains("no controller is connected");
        assertThat(live.message()).startsWith("no controller is connected");
        assertThat(op(stored).status()).isEqualTo(OpStatus.WAITING);
        assertThat(op(stored).message()).isEqualTo(told);
        FakeController s2 = cloud.controller("s2");
        await().atMost(SOON).until(() -> s2.instances.size() == 1);
        assertThat(s2.requests()).containsExactly(stored);
        await().until(() -> broker.messages(Topology.MANAGER_INDOUBT) == 0);
    }

    @Test
    void aStoredKillWaitsForItsController() {
        FakeController s1 = cloud.controller("s1");
        s1.crash();
        String stored = client.ask(new Command.KillInstance(FakeCloud.id("s1", 1000)));
        await().until(() -> broker.messages(Topology.MANAGER_COMMANDS) == 1);

        cloud.manager("m1");
        assertThat(FakeCloud.failure(client.answer(stored)).message())
                .startsWith("request " + stored + " is stored")
                .endsWith(": controller s1 is not connected");
        s1.connect();

        await().atMost(SOON).until(() -> s1.requests().contains(stored));
    }

    private OpView op(String id) {
        return ((Reply.OpShown) client.call(new Command.ShowOp(id))).op();
    }
}
