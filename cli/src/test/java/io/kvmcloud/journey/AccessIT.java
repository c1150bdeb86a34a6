package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People with a role at a manager and a broker that hold them to it. */
@WithBroker
class AccessIT {

    private static final String RUN = UUID.randomUUID().toString();
    private static final String VIEWER = "viewer-" + RUN;
    private static final String OPERATOR_OF_S1 = "operator-of-s1-" + RUN;
    private static final List<String> SECRETS = new ArrayList<>();

    @TempDir
    private static Path directory;

    private static TestBroker broker;
    private static RunningCloud cloud;

    @BeforeAll
    static void start(TestBroker given) throws IOException {
        broker = given;
        cloud = new RunningCloud(broker, directory);
        cloud.startManager("m1");
        add(VIEWER, "--role", "viewer");
        add(OPERATOR_OF_S1, "--role", "operator", "--host", "s1");
        SECRETS.addAll(List.of(broker.password("admin"), broker.password("operator"), broker.password("kvm-manager")));
    }

    @AfterAll
    static void stop() {
        cloud.close();
        broker.unmanage("users/" + VIEWER);
        broker.unmanage("users/" + OPERATOR_OF_S1);
    }

    @Test
    void aViewerLooksAndItsKillIsRefusedForEachInstanceAndExplained() {
        assertThat(as(VIEWER, "instances", "-q").exit()).isZero();

        Result refused = as(VIEWER, "kill", "s1/1000", "s1/1001", "s2/2000");

        assertThat(refused.exit()).isEqualTo(6);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err())
                .contains(Stream.of("s1/1000", "s1/1001", "s2/2000")
                        .map(id -> "kvm-cloud: " + id + ": RabbitMQ does not allow user '" + VIEWER
                                + "' to ask for instance.kill; it was not carried out: 403 ACCESS_REFUSED")
                        .toList())
                .contains("hint: ask whoever runs the broker", "kvm-cloud user add NAME --role operator")
                .doesNotContain("may have been carried out");
    }

    @Test
    void oneRefusalAnswersForAllThatAsksTheSameOfTheSameHost() {
        String[] ids =
                IntStream.range(1000, 1050).mapToObj(number -> "s1/" + number).toArray(String[]::new);

        Result refused =
                as(VIEWER, Stream.concat(Stream.of("kill"), Stream.of(ids)).toArray(String[]::new));

        assertThat(refused.err().lines().filter(line -> line.contains("it was not carried out: 403")))
                .hasSameSizeAs(ids);
        // Each session that the broker ended names the key for which.
        assertThat(Pattern.compile("access to topic '[^']*'")
                        .matcher(refused.err())
                        .results()
                        .map(MatchResult::group))
                .satisfies(named -> assertThat(Set.copyOf(named)).hasSizeLessThan(10));
    }

    @Test
    void anOperatorOfAHostIsAnsweredAboutItsOwnInstancesAndRefusedAboutOthers() {
        Result mixed = as(OPERATOR_OF_S1, "kill", "s1/1000", "s2/2000");

        assertThat(mixed.err().lines().filter(line -> line.contains("403")))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("s2/2000"));
        assertThat(mixed.err()).as("the manager's answer").contains("s1/1000").contains("no controller");
    }

    @Test
    void aWriteThatAViewerAddsToItsReadIsNoCommand() throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(broker.uri(VIEWER));
        factory.setPassword(Files.readString(directory.resolve(VIEWER)).strip());
        var answer = new CompletableFuture<String>();
        try (Connection connection = factory.newConnection()) {
            Channel channel = connection.createChannel(); // which a broker that looks at both keys closes
            connection.addShutdownListener(ended -> answer.complete(ended.getMessage()));
            channel.addShutdownListener(ended -> answer.complete(ended.getMessage()));
            channel.basicConsume(
                    Topology.DIRECT_REPLY_TO,
                    true,
                    (_, delivery) -> {
                        String text = new String(delivery.getBody(), StandardCharsets.UTF_8);
                        if (text.contains("reason")) { // and not the pong
                            answer.complete(text);
                        }
                    },
                    _ -> {});
            channel.basicPublish(
                    Topology.COMMANDS,
                    "read.instance.list",
                    new BasicProperties.Builder()
                            .type("instance.kill")
                            .messageId(RUN)
                            .correlationId(RUN)
                            .replyTo(Topology.DIRECT_REPLY_TO)
                            .headers(Map.of("CC", List.of("write.instance.kill.s1.1000")))
                            .build(),
                    "{\"id\":\"s1/1000\"}".getBytes(StandardCharsets.UTF_8));
            assertThat(answer.get(10, TimeUnit.SECONDS))
                    .containsAnyOf("is no command", "its type is 'instance.kill'", "ACCESS_REFUSED");
        }
    }

    @Test
    void noSecretIsInTheProcessListInALogOrInAFileThatOthersMayRead() throws IOException {
        Result debugged = cloud.run(
                Stream.concat(
                                Stream.of("env", "KVM_CLOUD_DEBUG=1"),
                                Program.command(
                                        "io.kvmcloud.cli.KvmCloud",
                                        "instances",
                                        "--password-file",
                                        broker.passwordFile("s1").toString())
                                        .stream())
                        .toList(),
                "");
        assertThat(debugged.err()).contains("does not accept user 'operator'", "\tat ");
        SECRETS.add(broker.password("s1"));

        assertThat(debugged.err() + debugged.out()).doesNotContain(SECRETS);
        assertThat(cloud.program("m1").output()).isNotEmpty().doesNotContain(SECRETS);
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                assertThat(text(process.resolve("cmdline")))
                        .as(process.toString())
                        .doesNotContain(SECRETS);
            }
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                    assertThat(text(file)).as(file.toString()).doesNotContain(SECRETS);
                }
            }
        }
    }

    /** Makes a user as the administrator does, and keeps its password where only we may read it. */
    private static void add(String name, String... role) throws IOException {
        Result added = cloud.cli(Stream.of(
                        Stream.of("user", "add", name),
                        Stream.of(role),
                        Stream.of("--management", broker.managementUri()),
                        Stream.of(
                                "--admin-password-file",
                                broker.passwordFile("admin").toString()))
                .flatMap(words -> words)
                .toArray(String[]::new));
        assertThat(added.exit()).as(added.err()).isZero();
        Path file = Files.createFile(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, added.out());
        SECRETS.add(added.out().strip());
    }

    private static Result as(String user, String... words) {
        return cloud.cli(Stream.concat(
                        Stream.of(words),
                        Stream.of(
                                "--amqp",
                                broker.uri(user),
                                "--password-file",
                                directory.resolve(user).toString()))
                .toArray(String[]::new));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return ""; // it is gone
        }
    }
}
