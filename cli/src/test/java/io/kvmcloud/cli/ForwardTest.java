package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.Forward.Protocol;
import io.kvmcloud.messages.InstanceId;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports of hosts that lead to instances, as they are typed. */
class ForwardTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void eachOfSeveralNewInstancesSaysWhereItsForwardsAre() {
        Typed made = type("new", "cirros", "64", "1", "--count", "2", "--forward", ":80");
        assertThat(made.exit()).isZero();
        assertThat(made.err()).contains(" leads to port 80 of s2/2001\n").contains(" leads to port 80 of s2/2002\n");
    }

    @Test
    void forwardsAreAddedListedAndEnded() {
        assertThat(type("forward", "s1/1000", ":80"))
                .isEqualTo(new Typed(0, "127.0.0.1:30080 leads to port 80 of s1/1000\n", ""));
        assertThat(type("forward", "s2/2000", "5353:53/udp"))
                .isEqualTo(new Typed(
                        0,
                        "127.0.0.1:5353 leads to port 53 of s2/2000 (udp)\n",
                        "from its next start on: it is OFFLINE\n"));
        assertThat(type("forward", "s1/1000").out()).isEqualTo("""
                        port             guest  protocol
                        127.0.0.1:30080  80     tcp
                        """);
        assertThat(type("info", "s1/1000").out()).contains("forwards  30080:80/tcp\n");
        assertThat(type("forward", "s1/1000", "-f", "json").out()).isEqualTo("""
                        [ {
                          "address" : "127.0.0.1",
                          "host" : 30080,
                          "guest" : 80,
                          "protocol" : "TCP",
                          "op" : ""
                        } ]
                        """);
        assertThat(type("forward", "s1/1000", "-q").out()).isEqualTo("30080/tcp\n");
        assertThat(type("forward", "s1/1000", "--remove", "30080")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(cloud.asked)
                .contains(new RemoveForward(InstanceId.parse("s1/1000"), new Port(30_080, Protocol.TCP)));
        assertThat(type("forward", "s1/1000").err())
                .isEqualTo("none but its SSH port, 2200; `kvm-cloud forward s1/1000 :80` adds one\n");
    }

    @Test
    void aForwardThatIsNoneIsNotAskedFor() {
        assertThat(type("forward", "s1/1000", "80").err())
                .startsWith(
                        "kvm-cloud: '80' is no forward: it is written HOST:GUEST, like 8080:80, 5353:53/udp, or :80");
        assertThat(type("new", "cirros", "64", "1", "--forward", "8080:99999").err())
                .startsWith("kvm-cloud: --forward: a port is between 1 and 65535, not 99999");
        assertThat(type("new", "cirros", "64", "1", "--forward", "80:80", "--forward", "80:81")
                        .err())
                .startsWith("kvm-cloud: the host's port 80/tcp is forwarded twice");
        assertThat(type("forward", "s1/1000", "80:80", "--remove", "80").exit()).isEqualTo(2);
        assertThat(cloud.asked).isEmpty();
    }

    private Typed type(String... words) {
        return Typed.at(cloud, home, words);
    }
}
