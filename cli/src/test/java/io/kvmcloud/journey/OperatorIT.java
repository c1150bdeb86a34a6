package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does with the hosts of a cloud. */
@WithBroker
class OperatorIT {

    @TempDir
    private static Path directory;

    private static RunningCloud cloud;

    @BeforeAll
    static void start(TestBroker broker) {
        cloud = new RunningCloud(broker, directory);
        cloud.startManager("m1");
        cloud.beginController("s1", 1000);
        cloud.startController("s2", 2000);
        cloud.awaitController("s1");
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @Test
    void aDrainedHostGetsNoNewInstancesAlsoAfterItAndTheManagerWereKilledAndThoseItHasGoOn() {
        String kept = cloud.cli("new", "micro", "112", "1", "--count", "2", "-q")
                .out()
                .lines()
                .filter(id -> id.startsWith("s1/"))
                .findFirst()
                .orElseThrow();

        assertThat(cloud.cli("drain", "s1"))
                .isEqualTo(new Result(
                        0, "OK\n", "s1: its instances go on, 1; `kvm-cloud instances host=s1` lists them\n"));
        assertThat(cloud.cli("new", "micro", "112", "1", "--count", "2", "-q")
                        .out()
                        .lines())
                .hasSize(2)
                .allMatch(id -> id.startsWith("s2/"));

        cloud.program("m1").kill();
        cloud.program("s1").kill();
        cloud.startManager("m1");
        cloud.startController("s1", 1000);

        assertThat(cloud.cli("controllers", "-q", "status=draining").out()).isEqualTo("s1\n");
        assertThat(cloud.cli("new", "micro", "112", "1", "-q").out()).startsWith("s2/");
        assertThat(cloud.cli("run", kept).exit()).as("what it has goes on").isZero();

        assertThat(cloud.cli("drain", "s2").exit()).isZero();
        Result refused = cloud.cli("new", "micro", "112", "1");
        assertThat(refused.exit()).isEqualTo(6);
        assertThat(refused.err())
                .contains("no controller can take", "  s1: draining\n  s2: draining\n")
                .contains("hint: `kvm-cloud undrain s1` lets it take instances again");

        assertThat(cloud.cli("undrain", "s1")).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("new", "micro", "112", "1", "-q").out()).startsWith("s1/");
        assertThat(cloud.cli("undrain", "s2").exit()).isZero();
        assertThat(cloud.cli("delete", "-f", "-y", "--all").exit()).isZero();
    }

    @Test
    void aDoctorFindsNothingWrongWithACloudThatWorks() {
        Result healthy = cloud.cli("doctor");

        assertThat(healthy.exit()).as(healthy.out()).isZero();
        assertThat(healthy.out())
                .containsPattern("ok    broker version: RabbitMQ \\d+\\.\\d+")
                .contains("ok    m1 clock: ", "ok    s1 clock: ", "ok    s2 ports: 20 SSH ports free of 20")
                .contains("ok    cloud queues: all 3 have a consumer")
                .containsPattern("ok    s1 qemu: QEMU emulator version ")
                .containsPattern("ok    s1 templates: .*micro \\([0-9a-f]{12}\\)")
                .containsPattern("  s1 accelerator: ");
    }

    @Test
    void aDoctorWithoutABrokerSaysSoAndLooksAtThisMachine() {
        Result down = cloud.cli("doctor", "--amqp", "amqp://operator@127.0.0.1:1/kvm-cloud");

        assertThat(down.exit()).isEqualTo(1);
        assertThat(down.out())
                .contains("FAIL  broker connection: no RabbitMQ answers at amqp://127.0.0.1:1/kvm-cloud: ")
                .contains("      fix: `kvm-cloud up` starts a cloud on this machine")
                .containsPattern("ok    here disk: ")
                .contains(" here memory: ", " here qemu: ", " here accelerator: ");
    }

    @Test
    void aDoctorWithAWrongPasswordSaysWhatToCheck() throws IOException {
        Path wrong = TestBroker.secret(directory.resolve("wrong"), "not the password");

        Result refused = cloud.cli("doctor", "--password-file", wrong.toString());

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.out())
                .containsPattern("FAIL  broker connection: .* does not accept user 'operator' with this password\n"
                        + "      fix: check --amqp and --password-file");
    }

    @Test
    void aDoctorFindsDeadLetters(TestBroker broker) throws Exception {
        try (var connection = broker.connect("kvm-manager");
                var channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.basicPublish(Topology.DEAD, "", null, new byte[] {1});
            channel.waitForConfirmsOrDie(10_000);
        }

        Result found = cloud.cli("doctor");

        assertThat(found.exit()).as("it is a warning").isZero();
        assertThat(found.out())
                .contains("warn  cloud dead letters: 1 message that nobody could handle\n"
                        + "      fix: `kvm-cloud dead-letters` shows why");
        assertThat(cloud.cli("dead-letters", "drop", "--all").exit()).isZero();
    }

    @Test
    void aDoctorFindsTheQueueOfAControllerThatIsNotThere() {
        cloud.program("s2").kill();

        Result found = cloud.cli("doctor");

        assertThat(found.exit()).isEqualTo(1);
        assertThat(found.out())
                .containsPattern(
                        "FAIL  cloud queues: queue kvm\\.controller\\.s2\\.commands has no consumer \\(\\d wait\\):"
                                + " controller s2 is not connected, last seen \\d+ s ago\n"
                                + "      fix: start controller s2; if it is lost for good, `kvm-cloud controllers forget s2`")
                .contains("ok    s1 qemu: ");
        cloud.startController("s2", 2000);
    }

    @Test
    void aDoctorWithoutAManagerSaysSoAndLooksAtThisMachine() {
        cloud.program("m1").kill();

        Result found = cloud.cli("doctor");

        assertThat(found.exit()).isEqualTo(1);
        assertThat(found.out())
                .containsPattern("ok    broker connection: ")
                .contains(
                        "FAIL  cloud manager: no manager is running\n      fix: `kvm-cloud up` starts one",
                        " here qemu: ");
        cloud.startManager("m1");
        cloud.awaitController("s1");
        cloud.awaitController("s2");
    }
}
