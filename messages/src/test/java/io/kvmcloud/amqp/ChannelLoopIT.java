package io.kvmcloud.amqp;

import static io.kvmcloud.amqp.ChannelLoop.Outcome.CONFIRMED;
import static io.kvmcloud.amqp.ChannelLoop.Outcome.REFUSED;
import static io.kvmcloud.amqp.ChannelLoop.Outcome.UNROUTABLE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.ChannelLoop.Outcome;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One channel, one thread, a real broker. */
@Tag("every-broker")
@WithBroker
class ChannelLoopIT {

    private static final ControllerName S1 = new ControllerName("s1");
    private static final String COMMANDS = Topology.commandsOf(S1);

    private final TestBroker broker;
    private final Session manager;
    private final Session controller;
    private final ChannelLoop managers;
    private final ChannelLoop controllers;

    ChannelLoopIT(TestBroker broker) throws IOException {
        this.broker = broker;
        manager = Session.open(broker.address("kvm-manager"), "kvm-manager m1");
        controller = Session.open(broker.address("s1"), "kvm-controller s1");
        managers = manager.channel("manager");
        controllers = controller.channel("controller");
    }

    @BeforeEach
    void declareTheControllersQueue() throws Exception {
        controllers.declareQuorum(COMMANDS);
        controllers.bind(COMMANDS, Topology.CONTROLLERS, Topology.commandKey(S1));
        try (var admin = broker.connect("admin")) {
            admin.createChannel().queuePurge(COMMANDS);
        }
    }

    @AfterEach
    void close() {
        manager.close();
        controller.close();
    }

    @Test
    void aPublishThatReachedItsQueueIsConfirmed() {
        assertThat(publish(Topology.CONTROLLERS, "s1.command", "x")).isEqualTo(CONFIRMED);
        assertThat(broker.messages(COMMANDS)).isEqualTo(1);
    }

    @Test
    void aPublishThatNoQueueTakesIsUnroutable() {
        assertThat(publish(Topology.CONTROLLERS, "nobody.command", "x")).isEqualTo(UNROUTABLE);
    }

    @Test
    void aFullQueueRefuses() {
        broker.manage(
                "policies/" + broker.here() + "/tight",
                "{\"pattern\":\"^kvm\\\\.controller\\\\.s1\\\\.commands$\",\"priority\":20,\"apply-to\":\"queues\","
                        + "\"definition\":{\"max-length\":1,\"overflow\":\"reject-publish\"}}");
        try {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> publish(Topology.CONTROLLERS, "s1.command", "x") == REFUSED);
            assertThat(broker.messages(COMMANDS)).isPositive();
        } finally {
            broker.unmanage("policies/" + broker.here() + "/tight");
        }
    }

    @Test
    void amongManyOutstandingEachOneIsToldItsOwnOutcome() {
        Map<Integer, Outcome> outcomes = new ConcurrentHashMap<>();
        List<Integer> all = IntStream.range(0, 3000).boxed().toList();
        managers.execute(() -> all.forEach(number -> managers.publish(
                Topology.CONTROLLERS,
                number % 3 == 0 ? "nobody.command" : "s1.command",
                message("x"),
                outcome -> outcomes.put(number, outcome))));
        await().until(() -> outcomes.size() == all.size());
        assertThat(outcomes)
                .allSatisfy((number, outcome) ->
                        assertThat(outcome).as("%s", number).isEqualTo(number % 3 == 0 ? UNROUTABLE : CONFIRMED));
        assertThat(broker.messages(COMMANDS)).isEqualTo(2000);
    }

    @Test
    void whatIsTooLargeForTheBrokerIsRefusedAndTheSessionLivesOn() {
        assertThat(publish(Topology.CONTROLLERS, "s1.command", "x".repeat(Codec.MAX_BODY + 1)))
                .isEqualTo(REFUSED);
        assertThat(publish(Topology.CONTROLLERS, "s1.command", "x".repeat(Codec.MAX_BODY)))
                .isEqualTo(CONFIRMED);
    }

    @Test
    void anAnswerThatIsTooLargeArrivesAsAFailureThatSaysSo() throws IOException {
        Queue<Delivery> answers = new ConcurrentLinkedQueue<>();
        managers.consumeReplies(answers::add);
        Queue<Delivery> asked = new ConcurrentLinkedQueue<>();
        controllers.consume(COMMANDS, "controller s1 commands", 10, asked::add);
        managers.execute(() -> managers.tell(Topology.CONTROLLERS, "s1.command", asking("R1")));
        await().until(() -> !asked.isEmpty());
        Delivery question = asked.remove();
        byte[] large = Codec.encode(new Reply.Pong("x".repeat(Codec.MAX_BODY)));
        controllers.reply(
                String.valueOf(question.envelope().replyTo()),
                new Envelope("pong", null, "R1", null, null, null, Map.of(), null, false, large));
        await().until(() -> !answers.isEmpty());
        Envelope answer = answers.remove().envelope();
        assertThat(answer.correlationId()).isEqualTo("R1");
        assertThat(Codec.reply(answer)).isInstanceOfSatisfying(Reply.Failure.class, failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.FAILED);
            assertThat(failure.message()).contains("pong", String.valueOf(large.length), "1048576");
        });
    }

    @Test
    void aDeliveryCarriesTheSenderAndTheKeyAsTheBrokerCheckedThem() throws IOException {
        Delivery delivery = deliver("hello");
        assertThat(delivery.exchange()).isEqualTo(Topology.CONTROLLERS);
        assertThat(delivery.routingKey()).isEqualTo("s1.command");
        assertThat(delivery.redelivered()).isFalse();
        assertThat(delivery.envelope().userId()).isEqualTo("kvm-manager");
        assertThat(delivery.envelope().body()).asString(UTF_8).isEqualTo("hello");
        assertThat(delivery.envelope().number(Headers.VERSION, 0)).isEqualTo(1);
    }

    @Test
    void anAcknowledgedDeliveryIsGoneAndARejectedOneGoesBackToTheManager() throws IOException {
        Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();
        controllers.consume(COMMANDS, "controller s1 commands", 10, deliveries::add);
        publish(Topology.CONTROLLERS, "s1.command", "first");
        publish(Topology.CONTROLLERS, "s1.command", "second");
        await().until(() -> deliveries.size() == 2);
        long before = broker.messages(Topology.MANAGER_COMMANDS);
        controllers.execute(() -> {
            controllers.ack(deliveries.remove());
            controllers.reject(deliveries.remove());
        });
        await().until(() -> broker.messages(Topology.MANAGER_COMMANDS) == before + 1);
        assertThat(broker.messages(COMMANDS)).isZero();
    }

    @Test
    void whatACutConnectionHadNotAcknowledgedReturnsToTheManagerSinceAControllerSawIt() throws IOException {
        deliver("taken");
        long before = broker.messages(Topology.MANAGER_COMMANDS);
        controller.close();
        await().until(() -> broker.messages(Topology.MANAGER_COMMANDS) == before + 1);
    }

    @Test
    void timersRunInTheirOrderOnTheLoopsOwnThread() {
        Queue<String> done = new ConcurrentLinkedQueue<>();
        managers.after(
                Duration.ofMillis(80),
                () -> done.add("second of " + Thread.currentThread().getName()));
        managers.after(
                Duration.ofMillis(20),
                () -> done.add("first of " + Thread.currentThread().getName()));
        await().until(() -> done.size() == 2);
        assertThat(done).containsExactly("first of manager", "second of manager");
    }

    @Test
    void aTaskThatFailsEndsTheSessionAndNothingAfterItRuns() {
        Queue<String> done = new ConcurrentLinkedQueue<>();
        managers.execute(() -> {
            managers.execute(() -> done.add("after"));
            throw new IllegalStateException("a defect");
        });
        await().until(() -> manager.ended().isDone());
        assertThat(manager.ended().join()).contains("a defect");
        assertThat(controller.ended()).isNotDone();
        assertThat(done).isEmpty();
    }

    @Test
    void whatTheBrokerForbidsEndsTheSessionWithItsReason() {
        managers.execute(() -> managers.tell(Topology.COMMANDS, "write.instance.new", message("x")));
        await().until(() -> manager.ended().isDone());
        assertThat(manager.ended().join()).contains("403", "ACCESS_REFUSED", "kvm.commands");
    }

    @Test
    void aDeletedQueueEndsTheSessionThatConsumesIt() throws Exception {
        controllers.declareExclusive(Topology.queriesOf(S1));
        controllers.consume(Topology.queriesOf(S1), "controller s1 queries", 10, _ -> {});
        try (var other = broker.connect("s1")) {
            // Exclusive queues are deleted by nobody else; a shared one is.
            controllers.consume(COMMANDS, "controller s1 commands", 10, _ -> {});
            other.createChannel().queueDelete(COMMANDS);
        }
        await().until(() -> controller.ended().isDone());
        assertThat(controller.ended().join()).contains("cancelled consumer 'controller s1 commands'");
    }

    @Test
    void publishingFromAnotherThreadIsADefectThatShowsAtOnce() {
        assertThatIllegalStateException()
                .isThrownBy(() -> managers.tell(Topology.CONTROLLERS, "s1.command", message("x")))
                .withMessageContaining("use execute");
    }

    private Delivery deliver(String body) throws IOException {
        Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();
        controllers.consume(COMMANDS, "controller s1 commands", 10, deliveries::add);
        publish(Topology.CONTROLLERS, "s1.command", body);
        await().until(() -> !deliveries.isEmpty());
        return deliveries.remove();
    }

    private Outcome publish(String exchange, String key, String body) {
        Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
        managers.execute(() -> managers.publish(exchange, key, message(body), outcomes::add));
        await().until(() -> !outcomes.isEmpty());
        return outcomes.remove();
    }

    private static Envelope message(String body) {
        return new Envelope(
                "test", null, null, null, null, null, Map.of(Headers.VERSION, 1), null, true, body.getBytes(UTF_8));
    }

    private static Envelope asking(String correlation) {
        return new Envelope(
                "test", null, correlation, Topology.DIRECT_REPLY_TO, null, null, Map.of(), null, true, new byte[0]);
    }
}
