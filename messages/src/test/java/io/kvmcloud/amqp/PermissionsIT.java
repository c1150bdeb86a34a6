package io.kvmcloud.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.kvmcloud.messages.ControllerName;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who may do what is settled by the broker, with a client that keeps to no rule of ours. What gets past the broker is for the
 * receivers: AccessIT and PoisonIT.
 */
@Tag("every-broker")
@WithBroker
class PermissionsIT {

    private static final String COMMANDS_OF_S2 = Topology.commandsOf(new ControllerName("s2"));

    private final TestBroker broker;

    PermissionsIT(TestBroker broker) {
        this.broker = broker;
    }

    /** What somebody tries. */
    private interface Attempt {
        void on(Channel channel) throws Exception;
    }

    @BeforeEach
    void controllersHaveTheirQueues() throws Exception {
        for (String name : new String[] {"s1", "s2"}) {
            ControllerName controller = new ControllerName(name);
            allowed(name, channel -> {
                channel.queueDeclare(
                        Topology.commandsOf(controller), true, false, false, Map.of("x-queue-type", "quorum"));
                channel.queueBind(
                        Topology.commandsOf(controller), Topology.CONTROLLERS, Topology.commandKey(controller));
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"controller.s1.up", "instance.s1.1000.online"})
    void aControllerTellsEventsOfItsOwn(String key) throws Exception {
        allowed("s1", publishing(Topology.EVENTS, key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"controller.s2.up", "instance.s2.2000.removed", "controller.s10.up", "manager.m1.up", "x"})
    void aControllerCannotTellEventsOfAnother(String key) throws Exception {
        forbidden("s1", publishing(Topology.EVENTS, key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s2.command", "s2.query", "#", "*.command", "s10.command"})
    void aControllerCannotBindItselfToAnothersCommands(String key) throws Exception {
        String own = Topology.commandsOf(new ControllerName("s1"));
        forbidden("s1", channel -> channel.queueBind(own, Topology.CONTROLLERS, key));
    }

    @Test
    void aControllerCannotReadEmptyOrDeleteAnothersQueueNorTheManagers() throws Exception {
        for (String queue : new String[] {COMMANDS_OF_S2, Topology.MANAGER_COMMANDS, Topology.DEAD_LETTERS}) {
            forbidden("s1", channel -> channel.basicGet(queue, true));
            forbidden("s1", channel -> channel.queuePurge(queue));
            forbidden("s1", channel -> channel.queueDelete(queue));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kvm.commands", "kvm.controllers", "kvm.unpicked", "kvm.dead"})
    void aControllerCannotPublishCommands(String exchange) throws Exception {
        forbidden("s1", publishing(exchange, "s2.command"));
    }

    @ParameterizedTest
    @CsvSource({
        "read.instance.list, operator",
        "write.instance.new, operator",
        "admin.dead-letter.list, operator",
        "read.ping, viewer",
        "read.instance.log.s2.2000, viewer",
        "write.instance.kill.s1.1000, operator-of-s1",
        "write.template.warm.s1, operator-of-s1",
        "read.ping, operator-of-s1",
        "read.instance.log.s2.2000, operator-of-s1"
    })
    void whoMayAskAsks(String key, String user) throws Exception {
        allowed(user, publishing(Topology.COMMANDS, key));
    }

    @ParameterizedTest
    @CsvSource({
        "write.instance.new, viewer",
        "write.instance.kill.s1.1000, viewer",
        "admin.controller.forget, viewer",
        "readwrite.instance.new, viewer",
        "write.instance.new, operator-of-s1",
        "write.instance.kill.s2.2000, operator-of-s1",
        "write.instance.kill.s10.1, operator-of-s1",
        "write.instance.kill.s2.s1.2000, operator-of-s1",
        "write.template.warm.s2, operator-of-s1",
        "admin.controller.forget, operator-of-s1",
        "x.write.instance.kill.s1.1000, operator-of-s1",
        "anything.else, operator",
        "'', operator"
    })
    void whoMayNotAskIsRefused(String key, String user) throws Exception {
        forbidden(user, publishing(Topology.COMMANDS, key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kvm.controllers", "kvm.events", "kvm.unpicked", "kvm.dead", "", "amq.topic"})
    void anOperatorPublishesNowhereElse(String exchange) throws Exception {
        forbidden("operator", publishing(exchange, exchange.isEmpty() ? COMMANDS_OF_S2 : "s2.command"));
    }

    @Test
    void anOperatorReadsNoQueue() throws Exception {
        for (String queue : new String[] {COMMANDS_OF_S2, Topology.MANAGER_COMMANDS, Topology.DEAD_LETTERS}) {
            forbidden("operator", channel -> channel.basicGet(queue, true));
            forbidden("operator", channel -> channel.basicConsume(queue, (_, _) -> {}, _ -> {}));
        }
    }

    @Test
    void anOperatorDeclaresAndDeletesNothing() throws Exception {
        forbidden("operator", channel -> channel.queueDeclare("mine", true, false, false, Map.of()));
        forbidden("operator", channel -> channel.queueDeclare("", false, true, true, Map.of()));
        forbidden("operator", channel -> channel.exchangeDeclare("mine", "fanout"));
        forbidden("operator", channel -> channel.queueDelete(COMMANDS_OF_S2));
        forbidden("operator", channel -> channel.exchangeDelete(Topology.COMMANDS));
    }

    @ParameterizedTest
    @CsvSource({"operator, kvm.commands, write.instance.new, viewer", "s1, kvm.events, controller.s1.up, kvm-manager"})
    void nobodySignsWithAnothersName(String user, String exchange, String key, String other) throws Exception {
        try (Connection connection = broker.connect(user)) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.basicPublish(
                    exchange, key, new BasicProperties.Builder().userId(other).build(), "{}".getBytes(UTF_8));
            Throwable refused = catchThrowable(() -> channel.waitForConfirmsOrDie(5_000));
            assertThat(refused).isNotNull();
            assertThat(Session.explain(refused)).startsWith("406").contains("user_id");
        }
    }

    @Test
    void aControllerThatWritesIntoAnothersQueueCannotMakeItLookLikeTheManagers() throws Exception {
        // Answering by direct reply-to takes write permission on the default exchange, so this gets through; what
        // arrives
        // names its sender and its exchange, which is why receivers look at both.
        allowed("s1", publishing("", COMMANDS_OF_S2));
        allowed("s2", channel -> {
            var forged = channel.basicGet(COMMANDS_OF_S2, true);
            assertThat(forged.getEnvelope().getExchange()).isNotEqualTo(Topology.CONTROLLERS);
            assertThat(forged.getProps().getUserId()).isNotEqualTo(Topology.MANAGER_USER);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"kvm.commands", "kvm.controllers"})
    void aControllerCannotHaveTheBrokerPublishForIt(String exchange) throws Exception {
        String own = "kvm.controller.s1.trap-of-" + exchange;
        forbidden(
                "s1",
                channel -> channel.queueDeclare(
                        own,
                        false,
                        true,
                        true,
                        Map.of("x-dead-letter-exchange", exchange, "x-dead-letter-routing-key", "s2.command")));
        forbidden(
                "s1",
                channel -> channel.exchangeDeclare(own, "fanout", false, true, Map.of("alternate-exchange", exchange)));
        forbidden("s1", channel -> {
            channel.exchangeDeclare(own, "fanout", false, true, Map.of());
            channel.exchangeBind(exchange, own, "s2.command");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"kvm.commands", "kvm.events", "kvm.unpicked", "kvm.dead"})
    void aControllerCannotListenToWhatIsNotForIt(String exchange) throws Exception {
        String own = Topology.commandsOf(new ControllerName("s1"));
        forbidden("s1", channel -> channel.queueBind(own, exchange, "#"));
    }

    @Test
    void anOperatorBindsAndUnbindsNothing() throws Exception {
        forbidden("operator", channel -> channel.queueBind(Topology.MANAGER_COMMANDS, Topology.COMMANDS, "read.#"));
        forbidden("operator", channel -> channel.queueUnbind(Topology.MANAGER_COMMANDS, Topology.COMMANDS, "write.#"));
        forbidden("operator", channel -> channel.exchangeBind(Topology.CONTROLLERS, Topology.COMMANDS, "#"));
    }

    @Test
    void nobodyReadsAnothersAnswersAndNoClientGivesThem() throws Exception {
        String anothers = Topology.DIRECT_REPLY_TO + ".g1h3B3JhYmJpdEBsb2NhbGhvc3QAAAKHAAAAAGc.abcdefgh";
        for (String user : new String[] {"operator", "viewer", "s1"}) {
            forbidden(user, channel -> channel.basicConsume(anothers, true, (_, _) -> {}, _ -> {}));
        }
        forbidden("operator", publishing("", anothers));
        forbidden("viewer", publishing("", anothers));
    }

    /** RabbitMQ 3 checks the first key only. What arrives carries that one, so that the receiver sees it is no write. */
    @Test
    void aViewerWhoAddsAWriteToAReadIsRefusedOrKnownByTheRead() throws Exception {
        var arrived = new CompletableFuture<String>();
        try (Connection admin = broker.connect("admin");
                Connection viewer = broker.connect("viewer")) {
            Channel manager = admin.createChannel();
            manager.queuePurge(Topology.MANAGER_COMMANDS);
            Channel channel = viewer.createChannel();
            channel.confirmSelect();
            channel.basicPublish(
                    Topology.COMMANDS,
                    "read.ping",
                    new BasicProperties.Builder()
                            .headers(Map.of("CC", List.of("write.instance.kill.s1.1000")))
                            .build(),
                    "{}".getBytes(UTF_8));
            if (catchThrowable(() -> channel.waitForConfirmsOrDie(5_000)) == null) {
                manager.basicConsume(
                        Topology.MANAGER_COMMANDS,
                        true,
                        (_, delivery) -> arrived.complete(delivery.getEnvelope().getRoutingKey()),
                        _ -> {});
                assertThat(arrived.get(5, TimeUnit.SECONDS)).isEqualTo("read.ping");
            }
        }
    }

    /** No broker holds what dies in a queue to keys; who published it is still in it, and managers (Gate) look at that. */
    @Test
    void whatAControllerLetsDieIntoTheEventsOfAnotherStillSaysWhoseItIs() throws Exception {
        String all = Topology.eventsOf("test");
        String own = "kvm.controller.s1.dying";
        var arrived = new CompletableFuture<String>();
        try (Connection manager = broker.connect("kvm-manager");
                Connection s1 = broker.connect("s1")) {
            Channel events = manager.createChannel();
            events.queueDeclare(all, false, true, true, Map.of());
            events.queueBind(all, Topology.EVENTS, "controller.s2.down");
            events.basicConsume(
                    all,
                    true,
                    (_, delivery) -> arrived.complete(delivery.getProperties().getUserId()),
                    _ -> {});
            Channel channel = s1.createChannel();
            channel.queueDeclare(
                    own,
                    false,
                    true,
                    true,
                    Map.of(
                            "x-message-ttl",
                            0,
                            "x-dead-letter-exchange",
                            Topology.EVENTS,
                            "x-dead-letter-routing-key",
                            "controller.s2.down"));
            channel.basicPublish(
                    "", own, new BasicProperties.Builder().userId("s1").build(), "{}".getBytes(UTF_8));
            assertThat(arrived.get(5, TimeUnit.SECONDS)).isEqualTo("s1");
        }
    }

    @Test
    void onlyTheAdministratorUsesTheManagementConsole() {
        assertThat(broker.management("users").valueStream())
                .filteredOn(user -> java.util.Set.of("operator", "operator-of-s1", "viewer", "s1", "kvm-manager")
                        .contains(user.get("name").asText()))
                .hasSize(5)
                .allMatch(user -> user.get("tags").isEmpty());
    }

    @Test
    void aManagerDeletesCommandQueuesAndNoOtherOfAController() throws Exception {
        allowed("s2", channel -> channel.queueDeclare(queriesOfS2(), false, true, true, Map.of()));
        forbidden("kvm-manager", channel -> channel.queueDelete(queriesOfS2()));
        forbidden("kvm-manager", channel -> channel.basicGet(COMMANDS_OF_S2, true));
        forbidden("kvm-manager", channel -> channel.queuePurge(COMMANDS_OF_S2));
        allowed("kvm-manager", channel -> channel.queueDelete(COMMANDS_OF_S2));
    }

    private static String queriesOfS2() {
        return Topology.queriesOf(new ControllerName("s2"));
    }

    private static Attempt publishing(String exchange, String key) {
        return channel -> {
            channel.confirmSelect();
            channel.basicPublish(exchange, key, null, "{}".getBytes(UTF_8));
            channel.waitForConfirmsOrDie(5_000);
        };
    }

    private void allowed(String user, Attempt attempt) throws Exception {
        try (Connection connection = broker.connect(user)) {
            Channel channel = connection.createChannel();
            assertThatCode(() -> attempt.on(channel)).doesNotThrowAnyException();
        }
    }

    private void forbidden(String user, Attempt attempt) throws Exception {
        try (Connection connection = broker.connect(user)) {
            Channel channel = connection.createChannel();
            Throwable refused = catchThrowable(() -> attempt.on(channel));
            assertThat(refused).isNotNull();
            assertThat(Session.explain(refused))
                    .startsWith("403 ACCESS_REFUSED")
                    .contains("refused for user '" + user + "'");
        }
    }
}
