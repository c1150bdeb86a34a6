package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.kvmcloud.amqp.Requester;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.DeadLetter;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is put into a queue of the cloud is answered when somebody waits, else a dead letter with a reason; and nobody
 * loses its connection over it.
 */
@Tag("every-broker")
@WithBroker
class PoisonIT {

    private static final ControllerName S1 = new ControllerName("s1");
    private static final InstanceId NONE = new InstanceId(S1, 9999);

    /** Where it is put, by whom, and what it would be if it were good. */
    @SuppressWarnings("ImmutableEnumChecker") // commands are records
    enum Door {
        COMMANDS_OF_THE_MANAGER("operator", Topology.COMMANDS, new Command.KillInstance(NONE)),
        QUERIES_OF_THE_MANAGER("operator", Topology.COMMANDS, new Command.ListInstances()),
        /** A controller can write into any queue: what is answered goes through the default exchange. */
        COMMANDS_OF_A_CONTROLLER("s2", "", new Command.KillInstance(NONE)),
        QUERIES_OF_A_CONTROLLER("s2", "", new Command.ReadLog(NONE, 10));

        private final String user;
        private final String exchange;
        private final Command<?> good;

        Door(String user, String exchange, Command<?> good) {
            this.user = user;
            this.exchange = exchange;
            this.good = good;
        }

        String key() {
            return switch (this) {
                case COMMANDS_OF_THE_MANAGER, QUERIES_OF_THE_MANAGER -> Topology.keyOf(good);
                case COMMANDS_OF_A_CONTROLLER -> Topology.commandsOf(S1);
                case QUERIES_OF_A_CONTROLLER -> Topology.queriesOf(S1);
            };
        }
    }

    /** What is wrong with it. */
    enum Poison {
        NOT_JSON("hello"),
        NOTHING_IN_IT(""),
        NESTED_100_000_DEEP("[".repeat(100_000)),
        A_MILLION_DIGITS("1".repeat(1_000_000)),
        WRONG_TYPE("{}"),
        NO_TYPE("{}"),
        NO_MESSAGE_ID("{}x"),
        UNKNOWN_VERSION("{\"id\":\"s1/9999\",\"lines\":10}");

        private final String body;

        Poison(String body) {
            this.body = body;
        }

        BasicProperties properties(Door door, String correlation, @Nullable String replyTo) {
            return new BasicProperties.Builder()
                    .type(this == NO_TYPE ? null : this == WRONG_TYPE ? "java.lang.Runtime" : door.good.wireName())
                    .messageId(this == NO_MESSAGE_ID ? null : correlation)
                    .correlationId(correlation)
                    .replyTo(replyTo)
                    .headers(this == UNKNOWN_VERSION ? Map.of("version", 99) : null)
                    .build();
        }
    }

    @TempDir
    private static Path directory;

    private static TestBroker broker;
    private static RunningCloud cloud;
    private static Requester operator;
    private static Set<String> connections;
    private static final Map<String, Connection> intruders = new ConcurrentHashMap<>();

    @BeforeAll
    static void start(TestBroker given) {
        broker = given;
        cloud = new RunningCloud(broker, directory);
        cloud.startManager("m1");
        cloud.startController("s1", 1000);
        operator = Requester.open(broker.address("operator"), "kvm-cli test", "kvm-test/1");
        await().atMost(Duration.ofSeconds(60)).until(() -> daemons().size() == 3);
        connections = daemons();
    }

    @AfterAll
    static void stop() throws Exception {
        for (Connection intruder : intruders.values()) {
            intruder.close();
        }
        if (operator != null) { // the cloud came up
            operator.close();
        }
        cloud.close();
    }

    @AfterEach
    void theCloudWorksOnAsIfNothingHadHappened() {
        List<String> left = letters().stream().map(DeadLetter::id).toList();
        operator.ask(new Command.DropDeadLetters(left), Duration.ofSeconds(30));
        long began = System.nanoTime();
        assertThatThrownBy(() -> operator.ask(new Command.KillInstance(NONE), Duration.ofSeconds(30)))
                .isInstanceOfSatisfying(
                        CommandFailed.class,
                        answer -> assertThat(answer.failure().reason()).isEqualTo(Reason.NOT_FOUND));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
        assertThat(cloud.program("m1").output() + cloud.program("s1").output()).doesNotContain("trying again");
        assertThat(daemons()).isEqualTo(connections);
    }

    static Stream<List<Object>> everythingEverywhere() {
        return Stream.of(Door.values())
                .flatMap(door -> Stream.of(Poison.values()).map(poison -> List.of(door, poison)));
    }

    @ParameterizedTest
    @MethodSource("everythingEverywhere")
    void itIsAnsweredWhenSomebodyWaitsElseADeadLetterThatSaysWhy(List<Object> where) throws Exception {
        Door door = (Door) where.get(0);
        Poison poison = (Poison) where.get(1);

        assertThat(answerTo(door, poison)).isEqualTo("error");
        assertThat(letters()).isEmpty();

        publish(door, poison, null);
        DeadLetter letter = await().atMost(Duration.ofSeconds(30))
                .until(PoisonIT::letters, letters -> letters.size() == 1)
                .getFirst();
        assertThat(letter.why()).isNotBlank();
        assertThat(letter.size()).isEqualTo(poison.body.length());
        assertThat(operator.ask(new Command.RequeueDeadLetters(List.of(letter.id())), Duration.ofSeconds(30))
                        .refused())
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void whatWouldBeAnsweredIntoSomebodysQueueIsADeadLetterInstead(Door door) throws Exception {
        publish(door, Poison.NOT_JSON, Topology.commandsOf(S1));

        await().atMost(Duration.ofSeconds(30)).until(() -> letters().size() == 1);
        assertThat(broker.messages(Topology.commandsOf(S1))).isZero();
    }

    /** RabbitMQ 3 ends the connection of who publishes to such an address. */
    @ParameterizedTest
    @EnumSource(Door.class)
    void anAddressThatTheBrokerNeverMadeIsNotAnsweredEither(Door door) throws Exception {
        publish(door, Poison.NOT_JSON, Topology.DIRECT_REPLY_TO + ".g1h2AA.of-somebody-else");

        await().atMost(Duration.ofSeconds(30)).until(() -> letters().size() == 1);
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void anAnswerToSomebodyWhoIsGoneHurtsNobody(Door door) throws Exception {
        try (Channel gone = intruder(door.user).createChannel()) {
            gone.basicConsume(Topology.DIRECT_REPLY_TO, true, (_, _) -> {}, _ -> {});
            gone.basicPublish(
                    door.exchange,
                    door.key(),
                    Poison.NOT_JSON.properties(door, "c", Topology.DIRECT_REPLY_TO),
                    Poison.NOT_JSON.body.getBytes(StandardCharsets.UTF_8));
        }

        assertThat(answerTo(door, Poison.NOT_JSON)).isEqualTo("error"); // behind it, so that one is done with
        assertThat(letters()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Poison.class)
    void anEventThatCannotBeReadIsPassedOver(Poison poison) throws Exception {
        try (Channel channel = intruder("s2").createChannel()) {
            channel.confirmSelect();
            for (String type : new String[] {"controller.up", "a.later.event"}) {
                channel.basicPublish(
                        Topology.EVENTS,
                        "controller.s2.up",
                        poison.properties(Door.QUERIES_OF_THE_MANAGER, "e", null)
                                .builder()
                                .type(poison == Poison.NO_TYPE ? null : type)
                                .build(),
                        poison.body.getBytes(StandardCharsets.UTF_8));
            }
            channel.waitForConfirmsOrDie(10_000);
        }
        assertThat(operator.ask(new Command.ListControllers(), Duration.ofSeconds(30))
                        .controllers())
                .singleElement()
                .satisfies(row -> assertThat(row.controller().name()).isEqualTo(S1));
        assertThat(letters()).isEmpty();
    }

    /** A manager that hears of somebody it does not know asks that one alone. */
    @Test
    void aRollCallForOneControllerIsNoPoison() throws Exception {
        try (Channel channel = intruder(Topology.MANAGER_USER).createChannel()) {
            channel.confirmSelect();
            channel.basicPublish(
                    Topology.CONTROLLERS,
                    Topology.queryKey(S1),
                    new BasicProperties.Builder()
                            .type(Message.wireName(Inquiry.RollCall.class))
                            .build(),
                    "{}".getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);
        }

        assertThat(answerTo(Door.QUERIES_OF_A_CONTROLLER, Poison.NOT_JSON)).isEqualTo("error"); // behind it
        assertThat(letters()).isEmpty();
    }

    /** The manager keeps names apart by the header and does not read the body. */
    @Test
    void aNameThatTheManagerWasNotToldOfIsRefused() throws Exception {
        try (Channel channel = intruder("operator").createChannel()) {
            var answer = new CompletableFuture<String>();
            channel.basicConsume(
                    Topology.DIRECT_REPLY_TO,
                    true,
                    (_, reply) -> answer.complete(new String(reply.getBody(), StandardCharsets.UTF_8)),
                    _ -> {});
            channel.basicPublish(
                    Topology.COMMANDS,
                    "write.instance.new",
                    new BasicProperties.Builder()
                            .type("instance.new")
                            .messageId("unheard-of")
                            .replyTo(Topology.DIRECT_REPLY_TO)
                            .headers(Map.of("template", "micro", "memory", 96, "cpus", 1))
                            .build(),
                    "{\"template\":\"micro\",\"memory\":96,\"cpus\":1,\"name\":\"web\"}"
                            .getBytes(StandardCharsets.UTF_8));

            assertThat(answer.get(30, TimeUnit.SECONDS)).contains("INVALID", "the header 'name' is ''");
        }
        assertThat(operator.ask(new Command.ListInstances(), Duration.ofSeconds(30))
                        .instances())
                .isEmpty();
    }

    @Test
    void fiftyMegabytesAreRefusedByTheBroker() throws Exception {
        Channel channel = intruder("operator").createChannel();
        channel.confirmSelect();
        channel.basicPublish(Topology.COMMANDS, "write.instance.kill.s1.9999", null, new byte[50 << 20]);

        assertThatThrownBy(() -> channel.waitForConfirmsOrDie(60_000))
                .satisfies(refused -> assertThat(
                                ((AMQP.Channel.Close) ((ShutdownSignalException) refused.getCause()).getReason())
                                        .getReplyCode())
                        .isEqualTo(AMQP.PRECONDITION_FAILED));
    }

    private static String answerTo(Door door, Poison poison) throws Exception {
        try (Channel channel = intruder(door.user).createChannel()) {
            var type = new CompletableFuture<String>();
            channel.basicConsume(
                    Topology.DIRECT_REPLY_TO,
                    true,
                    (_, answer) -> type.complete(answer.getProperties().getType()),
                    _ -> {});
            channel.basicPublish(
                    door.exchange,
                    door.key(),
                    poison.properties(door, "c", Topology.DIRECT_REPLY_TO),
                    poison.body.getBytes(StandardCharsets.UTF_8));
            return type.get(30, TimeUnit.SECONDS);
        }
    }

    private static void publish(Door door, Poison poison, @Nullable String replyTo) throws Exception {
        try (Channel channel = intruder(door.user).createChannel()) {
            channel.confirmSelect();
            channel.basicPublish(
                    door.exchange,
                    door.key(),
                    poison.properties(door, "c", replyTo),
                    poison.body.getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);
        }
    }

    private static Connection intruder(String user) {
        return intruders.computeIfAbsent(user, broker::connect);
    }

    private static List<DeadLetter> letters() {
        return operator.ask(new Command.ListDeadLetters(), Duration.ofSeconds(30))
                .letters();
    }

    /** The connections of manager and controller, by their ports. */
    private static Set<String> daemons() {
        Set<String> names = new TreeSet<>();
        broker.management("vhosts/" + broker.here() + "/connections").forEach(one -> {
            String role = one.path("client_properties").path("connection_name").asText();
            if (role.startsWith("kvm-manager") || role.startsWith("kvm-controller")) {
                names.add(one.path("name").asText());
            }
        });
        return names;
    }
}
