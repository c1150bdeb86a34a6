package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import io.kvmcloud.messages.InstanceRow;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dies comes back, and a running guest does not notice. */
@WithBroker(own = true)
class CrashIT {

    @TempDir
    private Path directory;

    private RunningCloud cloud;

    @BeforeEach
    void start(TestBroker broker) {
        cloud = new RunningCloud(broker, directory);
        cloud.startManager("m1");
        cloud.startController("s1", 1000);
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    @Test
    void aGuestDoesNotNoticeThatItsControllerWasKilled() throws IOException {
        String bootId = runningGuest();
        assertThat(cloud.guest("s1/1000")).isPresent();
        Matcher forwarded = Pattern.compile("127.0.0.1:(3\\d{4}) leads to port 22 of s1/1000\n")
                .matcher(cloud.cli("forward", "s1/1000", ":22").out());
        assertThat(forwarded.matches()).isTrue();
        int port = Integer.parseInt(forwarded.group(1));
        assertThat(answers(port)).isTrue();

        cloud.program("s1").kill();
        cloud.startController("s1", 1000);

        assertThat(bootId()).isEqualTo(bootId);
        assertThat(answers(port)).isTrue();
        assertThat(cloud.cli("forward", "s1/1000").out()).endsWith("127.0.0.1:" + port + "  22     tcp\n");
        assertThat(cloud.cli("new", "micro", "128", "1", "--forward", port + ":80")
                        .err())
                .startsWith("kvm-cloud: port " + port + "/tcp leads to s1/1000 already\n");
        assertThat(cloud.cli("forward", "s1/1000", "--remove", String.valueOf(port)))
                .isEqualTo(new Result(0, "OK\n", ""));
        assertThat(answers(port)).isFalse();
        assertThat(cloud.cli("new", "micro", "128", "1", "--forward", port + ":80")
                        .out())
                .contains("s1/100");
        assertThat(cloud.cli("kill", "s1/1000")).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.guest("s1/1000")).isEmpty();
    }

    @Test
    void aGuestDoesNotNoticeThatTheBrokerWasKilled(TestBroker broker) {
        String bootId = runningGuest();

        broker.kill();
        Result without = cloud.cli("instances");
        assertThat(without.exit()).isEqualTo(4);
        assertThat(without.err())
                .startsWith("kvm-cloud: no RabbitMQ answers at ")
                .contains("hint: ");
        broker.start();

        cloud.awaitInstance("s1/1000", InstanceRow::reachable);
        assertThat(cloud.cli("instances").out()).contains("ONLINE");
        assertThat(bootId()).isEqualTo(bootId);
        assertThat(cloud.cli("new", "micro", "128", "1").out()).contains("s1/1001");
    }

    @Test
    void aSecondManagerGoesOnWhenTheFirstIsKilled() {
        cloud.startManager("m2");
        assertThat(cloud.cli("new", "micro", "128", "1").out()).contains("s1/1000");

        cloud.program("m1").kill();

        assertThat(cloud.cli("new", "micro", "128", "1").out()).contains("s1/1001");
        assertThat(cloud.cli("instances").out()).contains("s1/1000", "s1/1001");
    }

    @Test
    void withoutAManagerTheCommandIsStoredAndSaidToBe() {
        cloud.program("m1").kill();

        Result stored = cloud.cli("new", "micro", "128", "1");
        assertThat(stored.exit()).isEqualTo(4);
        assertThat(stored.err()).contains("no manager is running").contains("is stored");

        cloud.startManager("m1");
        cloud.awaitInstance("s1/1000", InstanceRow::reachable);
    }

    @Test
    void aCommandForAControllerThatIsAwayIsAnsweredAndItsRowsSaySo() {
        assertThat(cloud.cli("new", "micro", "128", "1").out()).contains("s1/1000");
        cloud.program("s1").kill();

        Result run = cloud.cli("run", "s1/1000");

        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("s1");
        cloud.awaitInstance("s1/1000", row -> !row.reachable());
        assertThat(cloud.cli("instances").out()).contains("UNREACHABLE (");
    }

    private String runningGuest() {
        assertThat(cloud.cli("new", "micro", "128", "1").exit()).isZero();
        assertThat(cloud.cli("run", "s1/1000").exit()).isZero();
        return bootId();
    }

    /** Whether a guest's SSH server is there. */
    private static boolean answers(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return new String(socket.getInputStream().readNBytes(4), StandardCharsets.US_ASCII).equals("SSH-");
        } catch (ConnectException refused) {
            return false;
        }
    }

    /** Changes with every boot of the guest. */
    private String bootId() {
        Result asked = cloud.cli("ssh", "s1/1000", "--", "cat", "/proc/sys/kernel/random/boot_id");
        assertThat(asked.out()).as(asked.err()).hasSizeGreaterThan(30);
        return asked.out();
    }
}
