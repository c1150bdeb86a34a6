package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cloud is upgraded one program at a time: the programs of the previous release work with those of this one. */
@WithBroker
class VersionsIT {

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

        aClientsDay("s1/1000");
        cloud.release("cli", classPath);
        aClientsDay("s1/1001");
    }

    private void aClientsDay(String id) {
        String list = "instances\n";
        Result session = cloud.cliWithInput(
                "new micro 128 1\nrun " + id + "\n" + list + "kill " + id + "\n" + list + "delete " + id + "\n" + list
                        + "exit\n",
                "shell");

        assertThat(session.exit()).as(session.err()).isZero();
        assertThat(session.out())
                .as(session.err())
                .containsSubsequence(
                        "result: ID: " + id + ", SSH port: ",
                        "OK\n",
                        id + " ",
                        "ONLINE\n",
                        "OK\n",
                        id + " ",
                        "OFFLINE\n",
                        "OK\n");
        assertThat(session.out().substring(session.out().lastIndexOf("OK\n"))).doesNotContain(id);
    }
}
