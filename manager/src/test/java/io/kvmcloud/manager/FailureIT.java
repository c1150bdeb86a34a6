package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Reply.InstanceCreated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One effect for each command, whatever dies; and an answer or a dead letter for whatever is no command. */
@Tag("every-broker")
@WithBroker
class FailureIT {

    private final TestBroker broker;
    private final FakeCloud cloud;
    private final Client client;

    FailureIT(TestBroker broker) {
        this.broker = broker;
        this.cloud = new FakeCloud(broker);
        this.client = cloud.client();
    }

    @BeforeEach
    void begin() {
        assertThat(broker.messages(Topology.MANAGER_COMMANDS)).isZero();
    }

    @AfterEach
    void end() {
        cloud.close();
    }

    @Test
    void aCommandThatNobodyPicksUpIsPlacedElsewhereAfterThePickUpTime() {
        FakeController s1 = cloud.controller("s1");
        cloud.controller("s2");
        cloud.manager("m1");
        s1.crash();
        s1.connect(false);
        long began = System.nanoTime();

        List<Reply> replies = Stream.generate(() -> client.ask(FakeCloud.newMicro(128))).limit(2).toList().stream()
                .map(client::answer)
                .toList();

        assertThat(replies)
                .allSatisfy(reply -> assertThat(reply)
                        .isInstanceOfSatisfying(
                                InstanceCreated.class,
                                created -> assertThat(created.instance()
                                                .id()
                                                .controller()
                                                .value())
                                        .isEqualTo("s2")));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Topology.PICK_UP, Duration.ofSeconds(7));
    }

    @Test
    void aCommandForAnInstanceOfAControllerThatPicksNothingUpIsAnswered() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        s1.crash();
        s1.connect(false);

        Failure failure = FakeCloud.failure(client.call(new Command.KillInstance(FakeCloud.id("s1", 1000))));

        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message())
                .matches(
                        "controller s1 did not pick the command up within 5 s \\(last seen \\d+ s ago\\); nothing was done");
    }

    @Test
    void aControllerThatDiesWithACommandInItsJournalAnswersItWhenItIsBack() {
        FakeController s1 = cloud.controller("s1");
        cloud.controller("s2");
        cloud.manager("m1");
        s1.manner = FakeController.Manner.JOURNALS_ONLY;
        String id = client.ask(FakeCloud.newMicro(128));
        await().until(() -> !s1.taken.isEmpty());

        s1.crash();
        s1.manner = FakeController.Manner.WORKING;
        s1.connect();

        assertThat(cloud.created(client.answer(id))).isEqualTo("s1/1000");
        assertThat(cloud.instances()).containsExactly("s1/1000");
    }

    @Test
    void aControllerThatDiesWithACommandNeverJournalledLosesItToAnother() {
        FakeController s1 = cloud.controller("s1");
        FakeController s2 = cloud.controller("s2");
        cloud.manager("m1");
        s1.manner = FakeController.Manner.STUCK;
        String id = client.ask(FakeCloud.newMicro(128));
        await().until(() -> !s1.taken.isEmpty());

        s1.crash();
        s1.manner = FakeController.Manner.WORKING;
        s1.connect();

        assertThat(client.answer(id)).isInstanceOf(InstanceCreated.class);
        assertThat(s1.instances.size() + s2.instances.size()).isEqualTo(1);
    }

    @Test
    void whileAControllerThatMayHaveItIsAwayACommandIsInDoubtAndRunsOnceWhenThatIsKnown() {
        FakeController s1 = cloud.controller("s1");
        FakeController s2 = cloud.controller("s2");
        cloud.manager("m1");
        s1.manner = FakeController.Manner.JOURNALS_ONLY;
        String id = client.ask(FakeCloud.newMicro(128));
        await().until(() -> !s1.taken.isEmpty());

        s1.crash();
        Failure failure = FakeCloud.failure(client.answer(id));
        s1.manner = FakeController.Manner.WORKING;
        int before = s1.taken.size();
        s1.connect();

        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message())
                .startsWith("request " + id + " is in doubt: an earlier copy of it may be with s1 (last seen");
        await().atMost(Duration.ofSeconds(20)).until(() -> s1.taken.size() > before);
        await().until(() -> broker.messages(Topology.MANAGER_INDOUBT) == 0);
        assertThat(s1.instances.keySet()).containsExactly(1000L);
        assertThat(s2.instances).isEmpty();
    }

    @Test
    void aRepeatedRequestGetsTheFirstAnswerAlsoFromANewManager() {
        cloud.controller("s1");
        cloud.controller("s2");
        Manager.Running first = cloud.manager("m1");
        Command<InstanceCreated> command = FakeCloud.newMicro(128);
        String id = client.ask(command);
        String made = cloud.created(client.answer(id));
        first.close();
        cloud.manager("m2");

        try (Client again = new Client(broker.address("operator"))) {
            again.ask(id, command, Client.headers(command, 1));

            assertThat(cloud.created(again.answer(id))).isEqualTo(made);
        }
    }

    @Test
    void aStandbyGoesOnWhenTheActiveManagerLosesItsConnection() {
        FakeController s1 = cloud.controller("s1");
        FakeController s2 = cloud.controller("s2");
        cloud.manager("m8");
        cloud.manager("m9");

        Thread cut = Thread.startVirtualThread(() -> broker.closeConnections("kvm-manager m8 commands"));
        List<Reply> replies = new ArrayList<>();
        while (cut.isAlive()) {
            replies.add(client.call(FakeCloud.newMicro(64)));
        }
        replies.add(client.call(FakeCloud.newMicro(64)));

        assertThat(replies).isNotEmpty().allSatisfy(reply -> assertThat(reply).isInstanceOf(InstanceCreated.class));
        assertThat(s1.instances.size() + s2.instances.size()).isEqualTo(replies.size());
    }

    @Test
    void aCommandPastItsDeadlineIsNotForwarded() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        Command<?> command = FakeCloud.newMicro(128);
        Map<String, Object> headers = Client.headers(command, 0);
        headers.put(Headers.DEADLINE, 1_000L);

        Failure failure = FakeCloud.failure(client.answer(client.ask("late", command, headers)));

        assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(failure.message()).contains("nothing was done");
        assertThat(s1.taken).isEmpty();
    }

    @Test
    void poisonIsAnsweredAndTheNextCommandGoesOn() {
        cloud.controller("s1");
        cloud.manager("m1");
        Map<String, Object> good = Client.headers(FakeCloud.newMicro(128), 0);
        Map<String, Object> noMemory = new HashMap<>(good);
        noMemory.put(Headers.MEMORY, "much");
        Map<String, Object> noTemplate = new HashMap<>(good);
        noTemplate.put(Headers.TEMPLATE, "../../etc/passwd");

        for (String poison : List.of(
                client.publish("write.instance.new", "instance.kill", "wrong-type", true, good, "{}"),
                client.publish("write.instance.new", null, "no-type", true, good, "{}"),
                client.publish("write.instance.new", "instance.new", "bad-memory", true, noMemory, "{}"),
                client.publish("write.instance.new", "instance.new", "bad-template", true, noTemplate, "{}"),
                client.publish("write.instance.new", "instance.new", "no-headers", true, Map.of(), "{}"),
                client.publish("write.instance.kill.s1", "instance.kill", "no-number", true, good, "{}"),
                client.publish("write.what.ever", "what.ever", "unknown", true, Map.of(), "{}"),
                client.publish("write.x", "x", "short-key", true, Map.of(), "[".repeat(100_000)))) {
            assertThat(FakeCloud.failure(client.answer(poison)).reason())
                    .as(poison)
                    .isEqualTo(Reason.INVALID);
        }
        assertThat(client.call(FakeCloud.newMicro(128))).isInstanceOf(InstanceCreated.class);
    }

    @Test
    void poisonThatNobodyWaitsForIsADeadLetterThatSaysWhy() throws Exception {
        cloud.manager("m1");
        long before = broker.messages(Topology.DEAD_LETTERS);

        client.publish("write.instance.new", "instance.new", null, false, Map.of(), "not json");
        client.outcome(
                "write.instance.new",
                new Envelope(
                        "instance.new",
                        "r",
                        "r",
                        Topology.MANAGER_INDOUBT,
                        null,
                        "test",
                        Client.headers(FakeCloud.newMicro(64), 0),
                        null,
                        true,
                        new byte[] {1}));

        await().until(() -> broker.messages(Topology.DEAD_LETTERS) == before + 2);
        try (var connection = broker.connect("admin");
                var channel = connection.createChannel()) {
            var headers =
                    channel.basicGet(Topology.DEAD_LETTERS, true).getProps().getHeaders();
            assertThat(String.valueOf(headers.get(Headers.WHY))).contains("message_id must be a request id");
            assertThat(String.valueOf(headers.get(Headers.ON_BEHALF_OF))).isEqualTo("operator");
            headers = channel.basicGet(Topology.DEAD_LETTERS, true).getProps().getHeaders();
            assertThat(String.valueOf(headers.get(Headers.WHY))).contains("reply_to must be amq.rabbitmq.reply-to");
        }
    }

    @Test
    void aControllerCannotSlipACommandIntoTheManagersQueue() throws Exception {
        FakeController s2 = cloud.controller("s2");
        cloud.manager("m1");
        long before = broker.messages(Topology.DEAD_LETTERS);

        try (var connection = broker.connect("s1");
                var channel = connection.createChannel()) {
            channel.basicPublish(
                    "",
                    Topology.MANAGER_COMMANDS,
                    new com.rabbitmq.client.AMQP.BasicProperties.Builder()
                            .type("instance.new")
                            .messageId(UUID.randomUUID().toString())
                            .headers(Client.headers(FakeCloud.newMicro(64), 0))
                            .build(),
                    "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            await().until(() -> broker.messages(Topology.DEAD_LETTERS) == before + 1);
        }
        assertThat(s2.taken).isEmpty();
    }

    @Test
    void aControllerThatIsAwayIsKnownByItsQueueAlone() {
        FakeController s1 = cloud.controller("s1");
        s1.crash();
        cloud.manager("m1");

        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(
                                ((Reply.ControllerList) client.call(new Command.ListControllers())).controllers())
                        .singleElement()
                        .satisfies(row -> {
                            assertThat(row.controller().name()).isEqualTo(new ControllerName("s1"));
                            assertThat(row.reachable()).isFalse();
                        }));
    }
}
