package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.InstanceDeleted;
import io.kvmcloud.messages.Reply.InstanceList;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The broker is not there yet, goes away, comes back, or is short of memory. */
@Tag("every-broker")
@WithBroker(own = true)
class BrokerFailureIT {

    private static final InstanceId ID = InstanceId.parse("s1/1000");
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final TestBroker broker;

    BrokerFailureIT(TestBroker broker) {
        this.broker = broker;
    }

    @Test
    void aRequestSurvivesABrokerThatIsKilledAndADaemonWaitsForOneThatIsNotThereYet() {
        Queue<String> sessions = new ConcurrentLinkedQueue<>();
        try (FakeManager manager = new FakeManager(
                        broker.address("kvm-manager"),
                        delivery ->
                                delivery.envelope().number(Headers.ATTEMPT, -1) == 0 ? null : new InstanceDeleted(ID));
                Requester requester = Requester.open(broker.address("operator"), "kvm-cli operator", "test")) {
            await().atMost(PATIENCE).until(() -> broker.exists(Topology.MANAGER_QUERIES));
            CompletableFuture<InstanceDeleted> answer = CompletableFuture.supplyAsync(
                    () -> requester.ask(new DeleteInstance(ID, true), "R-1", Duration.ofMinutes(2)));
            await().until(() -> !manager.arrived.isEmpty());
            broker.kill();
            try (var _ = SessionLoop.start(broker.address("s1"), "kvm-controller s1", new Remembering(sessions))) {
                await().until(() -> sessions.contains("left")); // it has tried, and the broker was away
                assertThat(sessions).doesNotContain("joined");
                broker.start();
                await().atMost(PATIENCE).until(() -> sessions.contains("joined"));
            }
            await().atMost(PATIENCE).until(answer::isDone);
            assertThat(answer.join()).isEqualTo(new InstanceDeleted(ID));
            assertThat(manager.arrived)
                    .extracting(delivery -> delivery.envelope().messageId())
                    .containsOnly("R-1")
                    .hasSizeGreaterThan(1);
        }
    }

    @Test
    void aBrokerWithoutMemoryIsToldAfterTwoSecondsAndTheRequestIsNotLost() {
        try (FakeManager manager = new FakeManager(broker.address("kvm-manager"), _ -> new InstanceList(List.of()));
                Requester requester = Requester.open(broker.address("operator"), "kvm-cli operator", "test")) {
            await().atMost(PATIENCE).until(() -> broker.exists(Topology.MANAGER_QUERIES));
            broker.rabbitmqctl("set_vm_memory_high_watermark", "0.00001");
            try {
                Instant began = Instant.now();
                CommandFailed failed = catchThrowableOfType(
                        CommandFailed.class, () -> requester.ask(new ListInstances(), "R-2", Duration.ofMinutes(1)));
                assertThat(failed.failure().reason()).isEqualTo(Reason.UNREACHABLE);
                assertThat(failed.failure().message())
                        .contains("RabbitMQ takes no messages at the moment: low on memory; request R-2");
                assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(5));
            } finally {
                broker.rabbitmqctl("set_vm_memory_high_watermark", "0.4");
            }
            await().until(() -> manager.arrived.stream()
                    .anyMatch(delivery -> "R-2".equals(delivery.envelope().messageId())));
            assertThat(requester.ask(new ListInstances(), Duration.ofMinutes(1)).instances())
                    .isEmpty();
        }
    }

    /** Notes its sessions. */
    private record Remembering(Queue<String> sessions) implements SessionLoop.Participant {
        @Override
        public void join(Session session) {
            sessions.add("joined");
        }

        @Override
        public void left() {
            sessions.add("left");
        }
    }
}
