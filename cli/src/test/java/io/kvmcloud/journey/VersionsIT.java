package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cloud is upgraded one program at a time: the programs of the previous release work with those of this one. */
@WithBroker
class VersionsIT {

    private static final Pattern CREATED = Pattern.compile("result: ID: (s1/\\d+), SSH port: \\d+\n");

    @TempDir
    private Path directory;

    private final TestBroker broker;
    private RunningCloud cloud;

    VersionsIT(TestBroker broker) {
        this.broker = broker;
    }

    @AfterEach
    void stop() {
        if (cloud != null) {
            cloud.close();
        }
    }

    @Test
    void aManagerOfThePreviousReleaseWorksWithAControllerOfThisOne() {
        worksMixed("m1");
    }

    @Test
    void aControllerOfThePreviousReleaseWorksWithAManagerOfThisOne() {
        worksMixed("s1");
    }

    /** With one program of the previous release, and both clients. */
    private void worksMixed(String old) {
        Optional<String> previous = PreviousRelease.commit();
        if (previous.isEmpty()) {
            // There is nothing to be compatible with before the first release.
            assertThat(previous).as("no release in the history").isEmpty();
            return;
        }
        String classPath = PreviousRelease.classPath(previous.get());
        cloud = new RunningCloud(broker, directory);
        cloud.release(old, classPath);
        cloud.startManager("m1");
        cloud.startController("s1", 1000);

        aClientsDay();
        cloud.release("cli", classPath);
        aClientsDay();
    }

    private void aClientsDay() {
        Result made = cloud.cli("new", "micro", "128", "1");
        Matcher created = CREATED.matcher(made.out());
        assertThat(created.matches()).as(made.toString()).isTrue();
        String id = created.group(1);
        assertThat(cloud.cli("run", id)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("instances").out()).containsPattern(id + " .*ONLINE");
        assertThat(cloud.cli("kill", id)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("instances").out()).containsPattern(id + " .*OFFLINE");
        assertThat(cloud.cli("delete", id)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("instances").out()).doesNotContain(id);
    }
}
