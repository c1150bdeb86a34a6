package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.messages.Command.AddForward;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.Forward.Protocol;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ports of the host that lead to an instance: each to one, at each of its starts. */
class ForwardingTest extends OneHost {

    @Test
    void aForwardIsThereAtOnceAtEachStartAndInTheNextLife() throws IOException {
        List<Integer> ports = FreePorts.take(2);
        instances.create(1000, forwarding(new Forward(ports.getFirst(), 80, Protocol.TCP)));
        ask(new RunInstance(FIRST));
        Forward dns = new Forward(ports.getLast(), 53, Protocol.UDP);

        Reply added = ask(new AddForward(FIRST, dns));

        assertThat(added).isInstanceOfSatisfying(Reply.InstanceForwarded.class, reply -> {
            assertThat(reply.forward()).isEqualTo(dns);
            assertThat(reply.instance().forwards())
                    .containsExactly(new Forward(ports.getFirst(), 80, Protocol.TCP), dns);
        });
        assertThat(hypervisor.only().forwards).hasSize(2);
        instances.close();
        hypervisor.only().forwards.remove(dns); // as if the controller had died before it told QEMU
        reopen();
        assertThat(hypervisor.only().forwards).contains(dns);
        ask(new KillInstance(FIRST));
        ask(new RunInstance(FIRST));
        assertThat(hypervisor.only().forwards).hasSize(2);

        ask(new RemoveForward(FIRST, dns.port()));
        assertThat(hypervisor.only().forwards).containsExactly(new Forward(ports.getFirst(), 80, Protocol.TCP));
        assertThat(instances.views().getFirst().forwards()).hasSize(1);
    }

    @Test
    void aPortLeadsToOneInstanceAndWhoeverWantsItIsToldWhichAndIsLeftWithNothing() throws IOException {
        List<Integer> ports = FreePorts.take(2);
        Forward web = new Forward(ports.getFirst(), 80, Protocol.TCP);
        instances.create(1000, forwarding(web));
        instances.create(1001, SMALL);
        InstanceId second = InstanceId.parse("s1/1001");

        assertThatThrownBy(() -> ask(new AddForward(second, web)))
                .hasMessage("port " + ports.getFirst() + "/tcp leads to s1/1000 already");
        assertThatThrownBy(() -> ask(new AddForward(second, new Forward(firstPort, 80, Protocol.TCP))))
                .hasMessage("port " + firstPort + "/tcp leads to s1/1000 already");
        assertThatThrownBy(() -> instances.create(1002, forwarding(new Forward(ports.getLast(), 1, Protocol.TCP), web)))
                .hasMessageContaining("leads to s1/1000 already");
        ask(new AddForward(second, new Forward(ports.getFirst(), 80, Protocol.UDP)));
        ask(new AddForward(second, new Forward(ports.getLast(), 80, Protocol.TCP)));

        ask(new DeleteInstance(FIRST, false));
        ask(new AddForward(second, web));
        assertThat(instances.views().getFirst().forwards()).hasSize(3);
    }

    @Test
    void aStrangersPortIsRefusedAndAGuestThatRefusesLeavesNoTrace() throws IOException {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Forward taken = new Forward(stranger.getLocalPort(), 80, Protocol.TCP);
            assertThatThrownBy(() -> ask(new AddForward(FIRST, taken)))
                    .hasMessageContaining(
                            "port " + taken.port() + " of 127.0.0.1 cannot lead to s1/1000: Address already");
        }
        List<Integer> ports = FreePorts.take(2);
        Forward web = new Forward(ports.getFirst(), 80, Protocol.TCP);
        hypervisor.forwardFailure = "QEMU does not forward it";

        assertThatThrownBy(() -> ask(new AddForward(FIRST, web))).hasMessage("QEMU does not forward it");

        assertThat(instances.views().getFirst().forwards()).isEmpty();
        assertThat(Files.readString(directory.resolve("1000/instance.json")))
                .doesNotContain(String.valueOf(ports.getFirst()));
        hypervisor.forwardFailure = "";
        ask(new AddForward(FIRST, web));
    }

    @Test
    void anyFreePortIsChosenOnceHoweverOftenTheRequestIsCarriedOut() throws IOException {
        instances.create(1000, SMALL);
        AddForward any = new AddForward(FIRST, new Forward(0, 80, Protocol.TCP));

        Forward chosen = ((Reply.InstanceForwarded) ask(any)).forward();

        assertThat(chosen.host()).isBetween(30_000, 32_767);
        instances.close();
        reopen();
        Reply again = instances
                .ask(new Order(any, "r1", Instant.EPOCH, Instant.EPOCH, true))
                .join();
        assertThat(((Reply.InstanceForwarded) again).forward()).isEqualTo(chosen);
        assertThat(instances.views().getFirst().forwards()).containsExactly(chosen);
        assertThat(((Reply.InstanceForwarded) instances
                                .ask(new Order(
                                        any, "r2", Instant.now(), Instant.now().plusSeconds(60), false))
                                .join())
                        .forward())
                .isNotEqualTo(chosen);
        Order removal = new Order(new RemoveForward(FIRST, chosen.port()), "r3", Instant.EPOCH, Instant.EPOCH, true);
        ask(removal.request());
        assertThat(instances.ask(removal).join()).isInstanceOf(Reply.InstanceUnforwarded.class);
        assertThatThrownBy(() -> ask(removal.request()))
                .hasMessageStartingWith("s1/1000 has no forward of port " + chosen.port() + ": it has 3");
    }

    @Test
    void aStartWhoseForwardAStrangerHasSaysSoAndGoesNowhereElse() throws IOException {
        List<Integer> ports = FreePorts.take(2);
        instances.create(1000, forwarding(new Forward(ports.getFirst(), 80, Protocol.TCP)));
        hypervisor.takenPorts.add(ports.getFirst());

        assertThatThrownBy(() -> ask(new RunInstance(FIRST)))
                .hasMessage("port " + ports.getFirst()
                        + "/tcp of 127.0.0.1 cannot lead to s1/1000: another program has it");

        assertThat(instances.views().getFirst())
                .satisfies(view -> assertThat(view.status()).isEqualTo(InstanceStatus.FAILED));
        ask(new RemoveForward(FIRST, new Port(ports.getFirst(), Protocol.TCP)));
        ask(new RunInstance(FIRST));
    }

    private static NewInstance forwarding(Forward... forwards) {
        return new NewInstance(
                "micro",
                MemorySize.ofMebibytes(128),
                1,
                List.of(),
                "",
                DiskSize.OF_TEMPLATE,
                UserData.NONE,
                List.of(forwards));
    }
}
