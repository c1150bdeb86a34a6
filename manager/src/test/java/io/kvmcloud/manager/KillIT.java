package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Reply.InstanceCreated;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Managers as processes of their own, killed with SIGKILL while controllers come and go: no command is lost, none doubled. */
@WithBroker
class KillIT {

    private static final long SEED = 20_261_122;
    private static final int BURSTS = 250;
    private static final int BURST = 10;

    private final TestBroker broker;
    private final FakeCloud cloud;
    private final Map<String, Process> managers = new HashMap<>();

    KillIT(TestBroker broker) {
        this.broker = broker;
        this.cloud = new FakeCloud(broker);
    }

    @AfterEach
    void end() {
        managers.values().forEach(KillIT::kill);
        cloud.close();
    }

    @Test
    void everyCommandHasOneEffectWhateverIsKilled() throws Exception {
        List<FakeController> controllers =
                Stream.of("s1", "s2", "s3").map(cloud::controller).toList();
        startManager("m1");
        startManager("m2");
        Client client = cloud.client();
        await().atMost(Duration.ofSeconds(30)).until(() -> broker.exists(Topology.MANAGER_QUERIES));
        Random random = new Random(SEED);
        Map<String, Command<InstanceCreated>> asked = new HashMap<>();
        int kills = 0;

        for (int burst = 1; burst <= BURSTS; burst++) {
            for (int i = 0; i < BURST; i++) {
                Command<InstanceCreated> command = FakeCloud.newMicro(64);
                asked.put(client.ask(command), command);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(60)); // not to wait for anything: so many commands a second
            if (burst % 60 == 0) {
                startManager(burst % 120 == 0 ? "m1" : "m2");
                kills++;
            }
            if (burst % 12 == 7) {
                FakeController one = controllers.get(random.nextInt(controllers.size()));
                one.crash();
                one.connect();
                kills++;
            }
        }
        askAgainWhatWasNotAnswered(client, asked);

        List<String> taken = new ArrayList<>();
        controllers.forEach(controller -> taken.addAll(controller.requests()));
        assertThat(kills).isGreaterThan(20);
        assertThat(taken).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(asked.keySet());
        assertThat(controllers.stream()
                        .mapToInt(controller -> controller.instances.size())
                        .sum())
                .isEqualTo(BURSTS * BURST);
    }

    private void askAgainWhatWasNotAnswered(Client client, Map<String, Command<InstanceCreated>> asked) {
        for (int attempt = 1; attempt < 5; attempt++) {
            await().pollDelay(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> broker.messages(Topology.MANAGER_COMMANDS) == 0
                            && broker.messages(Topology.MANAGER_INDOUBT) == 0);
            for (Map.Entry<String, Command<InstanceCreated>> one : asked.entrySet()) {
                if (!client.succeeded(one.getKey())) {
                    client.forget(one.getKey());
                    client.ask(one.getKey(), one.getValue(), Client.headers(one.getValue(), attempt));
                }
            }
        }
        asked.keySet().forEach(id -> assertThat(client.answer(id)).as(id).isInstanceOf(InstanceCreated.class));
    }

    private void startManager(String name) throws IOException {
        Process before = managers.remove(name);
        if (before != null) {
            kill(before);
        }
        managers.put(
                name,
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Manager.class.getName(),
                                "--name",
                                name,
                                "--amqp",
                                broker.uri(Topology.MANAGER_USER),
                                "--password-file",
                                broker.passwordFile(Topology.MANAGER_USER).toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                Path.of("target", "manager-" + name + ".log").toFile()))
                        .start());
    }

    private static void kill(Process process) {
        process.destroyForcibly();
        process.onExit().join();
    }
}
