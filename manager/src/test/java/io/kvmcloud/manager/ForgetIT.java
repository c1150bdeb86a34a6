package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An operator gives up a controller that is lost. */
@WithBroker
class ForgetIT {

    private static final ControllerName S1 = new ControllerName("s1");

    private final TestBroker broker;
    private final FakeCloud cloud;
    private final Client client;

    ForgetIT(TestBroker broker) {
        this.broker = broker;
        this.cloud = new FakeCloud(broker);
        this.client = cloud.client();
    }

    @AfterEach
    void end() {
        cloud.close();
    }

    @Test
    void oneThatIsConnectedIsNotForgotten() {
        cloud.controller("s1");
        cloud.manager("m1");

        Reply.Failure refused = FakeCloud.failure(client.call(new Command.ForgetController(S1)));

        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refused.message()).matches("controller s1 is connected \\(last seen \\d+ s ago\\)");
        assertThat(refused.hint()).startsWith("stop it first");
        assertThat(client.call(FakeCloud.newMicro(64))).isInstanceOf(Reply.InstanceCreated.class);
    }

    @Test
    void oneThatIsConnectedAndSilentIsNotForgottenEither() throws Exception {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        s1.crash();
        try (var stopped = broker.connect("s1");
                var channel = stopped.createChannel()) {
            channel.basicConsume(Topology.commandsOf(S1), false, (_, _) -> {}, _ -> {});
            awaitSilence();

            Reply.Failure refused = FakeCloud.failure(client.call(new Command.ForgetController(S1)));

            assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
            assertThat(controllers()).containsExactly("s1");
        }
    }

    @Test
    void oneThatNobodyKnowsIsNotFoundWithTheOneThatWasMeant() {
        cloud.controller("s1");
        cloud.manager("m1");

        Reply.Failure unknown = FakeCloud.failure(client.call(new Command.ForgetController(new ControllerName("s11"))));

        assertThat(unknown.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(unknown.message()).isEqualTo("there is no controller 's11'");
        assertThat(unknown.hint()).isEqualTo("did you mean s1? the controllers are: s1");
    }

    @Test
    void aLostOneIsDroppedByEveryManagerAndIsThereAgainWhenItReturns() {
        FakeController s1 = cloud.controller("s1");
        s1.add("micro", 64, 1);
        cloud.controller("s2");
        cloud.manager("m1");
        cloud.manager("m2");
        s1.crash();
        awaitSilence();

        assertThat(client.call(new Command.ForgetController(S1))).isEqualTo(new Reply.ControllerForgotten(S1, 1, 0));

        assertThat(broker.exists(Topology.commandsOf(S1))).isFalse();
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(30))
                .until(() -> controllers().equals(List.of("s2"))); // m1 and m2 take turns
        assertThat(((Reply.InstanceList) client.call(new Command.ListInstances())).instances())
                .isEmpty();
        assertThat(FakeCloud.failure(client.call(new Command.KillInstance(FakeCloud.id("s1", 1000))))
                        .reason())
                .isEqualTo(Reason.NOT_FOUND);

        s1.connect();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> IntStream.range(0, 4).allMatch(_ -> controllers().equals(List.of("s1", "s2"))));
        assertThat(((Reply.InstanceList) client.call(new Command.ListInstances())).instances())
                .hasSize(1);
    }

    @Test
    void aRequestInDoubtBecauseOfItIsPlacedElsewhere() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        s1.manner = FakeController.Manner.STUCK;
        String request = "doubt";
        client.ask(request, FakeCloud.newMicro(128), Client.headers(FakeCloud.newMicro(128), 0));
        await().until(() -> s1.taken.size() == 1);
        s1.crash();
        assertThat(FakeCloud.failure(client.answer(request)).message()).contains("is in doubt", "s1");
        FakeController s2 = cloud.controller("s2");
        client.forget(request);

        Reply forgotten = client.call(new Command.ForgetController(S1));

        assertThat(forgotten).isEqualTo(new Reply.ControllerForgotten(S1, 0, 0));
        await().atMost(Duration.ofSeconds(60)).until(() -> s2.requests().contains(request));
        assertThat(cloud.instances()).containsExactly("s2/2000");
    }

    @Test
    void aReaderCannotForgetByCallingItARead() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        s1.crash();
        awaitSilence();

        String forged = client.publish(
                "read.controller.forget", "controller.forget", "forged", true, Map.of(), "{\"controller\":\"s1\"}");

        assertThat(FakeCloud.failure(client.answer(forged)).message())
                .isEqualTo("it was published with key 'read.controller.forget' but carries admin.controller.forget");
        assertThat(controllers()).containsExactly("s1");
    }

    /** Until each manager has noticed, of which there are two at most: they take turns. */
    private void awaitSilence() {
        await().atMost(Duration.ofSeconds(30)).until(() -> IntStream.range(0, 4).allMatch(_ -> isSilent()));
    }

    private boolean isSilent() {
        return ((Reply.ControllerList) client.call(new Command.ListControllers()))
                .controllers().stream().anyMatch(row -> row.controller().name().equals(S1) && !row.reachable());
    }

    private List<String> controllers() {
        return ((Reply.ControllerList) client.call(new Command.ListControllers()))
                .controllers().stream()
                        .map(row -> row.controller().name().value())
                        .toList();
    }
}
