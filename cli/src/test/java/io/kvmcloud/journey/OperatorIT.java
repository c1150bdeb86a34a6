package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
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
        String kept = cloud.cli("new", "micro", "128", "1", "--count", "2", "-q")
                .out()
                .lines()
                .filter(id -> id.startsWith("s1/"))
                .findFirst()
                .orElseThrow();
        assertThat(cloud.cli("run", kept).exit()).isZero();
        ProcessHandle guest = cloud.guest(kept).orElseThrow();

        assertThat(cloud.cli("drain", "s1"))
                .isEqualTo(new Result(
                        0, "OK\n", "s1: its instances go on, 1; `kvm-cloud instances host=s1` lists them\n"));
        assertThat(cloud.cli("drain", "s1").exit()).as("again").isZero();
        assertThat(cloud.cli("new", "micro", "80", "1", "--count", "2", "-q")
                        .out()
                        .lines())
                .hasSize(2)
                .allMatch(id -> id.startsWith("s2/"));

        cloud.program("m1").kill();
        cloud.program("s1").kill();
        cloud.startManager("m1");
        cloud.startController("s1", 1000);

        assertThat(cloud.cli("controllers", "-q", "status=draining").out()).isEqualTo("s1\n");
        assertThat(cloud.cli("new", "micro", "80", "1", "-q").out()).startsWith("s2/");
        assertThat(guest.isAlive()).isTrue();
        assertThat(cloud.cli("template", "warm", "micro", "--on", "s1").err())
                .startsWith("kvm-cloud: controller s1 is draining");

        assertThat(cloud.cli("drain", "s2").exit()).isZero();
        Result refused = cloud.cli("new", "micro", "80", "1");
        assertThat(refused.exit()).isEqualTo(6);
        assertThat(refused.err())
                .contains("no controller can take", "  s1: draining\n  s2: draining\n")
                .contains("hint: `kvm-cloud undrain s1` lets it take instances again");

        assertThat(cloud.cli("undrain", "s1")).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("undrain", "s1").exit()).as("again").isZero();
        assertThat(cloud.cli("new", "micro", "80", "1", "-q").out()).startsWith("s1/");
        assertThat(cloud.cli("undrain", "s2").exit()).isZero();
        assertThat(cloud.cli("drain", "s9").exit()).isEqualTo(3);
        assertThat(cloud.cli("delete", "-f", "-y", "--all").exit()).isZero();
    }
}
