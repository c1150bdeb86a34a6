package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.messages.CommandFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon stays on the broker; how it meets one that restarts is in BrokerFailureIT. */
@Tag("every-broker")
@WithBroker
class SessionLoopIT {

    private final TestBroker broker;
    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();

    SessionLoopIT(TestBroker broker) {
        this.broker = broker;
    }

    @Test
    void aSessionThatIsCutIsFollowedByANewOneThatKnowsNothingOfIt() {
        Work takeQueue = session -> session.channel("one").declareExclusive("kvm.controller.s1.queries");
        try (var _ = SessionLoop.start(broker.address("s1"), "to be cut", new Counting(takeQueue))) {
            await().until(() -> joined.get() == 1);
            broker.closeConnections("to be cut");
            await().until(() -> joined.get() > 1);
            assertThat(left).hasPositiveValue();
            assertThat(broker.exists("kvm.controller.s1.queries")).isTrue();
        }
        await().until(() -> !broker.exists("kvm.controller.s1.queries"));
        assertThat(left).hasValueGreaterThanOrEqualTo(joined.get());
    }

    @Test
    void aSecondOneOfTheSameNameFindsTheQueueTakenUntilTheFirstGoes() {
        Queue<String> problems = new ConcurrentLinkedQueue<>();
        Work takeQueue = session -> session.channel("one").declareExclusive("kvm.controller.s2.queries");
        SessionLoop first = start("s2", takeQueue);
        try {
            await().until(() -> joined.get() == 1);
            try (var _ = start("s2", session -> {
                try {
                    takeQueue.with(session);
                } catch (QueueTaken taken) {
                    problems.add(Session.explain(taken));
                    throw taken;
                }
            })) {
                await().until(() -> problems.size() > 1);
                assertThat(joined).hasValue(1);
                assertThat(problems).contains("the queue kvm.controller.s2.queries belongs to another connection");
                first.close();
                await().until(() -> joined.get() == 2);
            }
        } finally {
            first.close();
        }
    }

    @Test
    void aDefectInTheDaemonDoesNotMakeItDeafForEver() {
        AtomicInteger attempts = new AtomicInteger();
        try (var _ = start("s3", _ -> {
            if (attempts.incrementAndGet() < 3) {
                throw new AssertionError("a defect");
            }
        })) {
            await().until(() -> joined.get() == 1);
            assertThat(left).hasValue(2);
        }
    }

    @Test
    void whatTheBrokerForbidsIsSaidInItsOwnWords() {
        Queue<String> problems = new ConcurrentLinkedQueue<>();
        try (var _ = start("s1", session -> {
            try {
                session.channel("one").declareQuorum("kvm.controller.s2.commands");
            } catch (IOException refused) {
                problems.add(Session.explain(refused));
                throw refused;
            }
        })) {
            await().until(() -> !problems.isEmpty());
            assertThat(problems.remove())
                    .startsWith("403 ACCESS_REFUSED")
                    .contains("kvm.controller.s2.commands", "'s1'");
        }
    }

    @Test
    void aWrongPasswordIsRetriedSinceSomebodyMayBeSettingItUp(@TempDir Path directory) throws IOException {
        Path file = TestBroker.secret(directory.resolve("password"), "wrong");
        BrokerAddress address = BrokerAddress.of(broker.uri("s1"), file);
        assertThatThrownBy(() -> Session.open(address, "test"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("does not accept user 's1' with this password");
        try (var _ = SessionLoop.start(address, "kvm-controller s1", new Counting(_ -> {}))) {
            await().until(() -> left.get() > 0);
            Files.writeString(file, broker.password("s1"));
            await().until(() -> joined.get() == 1);
        }
    }

    @Test
    void aBrokerThatIsTooSlowForTheFirstAttemptIsGivenLonger() throws IOException {
        try (SlowBroker slow = new SlowBroker(broker);
                var _ = SessionLoop.start(slow.address("s1"), "kvm-controller s1", new Counting(_ -> {}))) {
            await().atMost(Duration.ofSeconds(20)).until(() -> joined.get() == 1);
            assertThat(left).hasPositiveValue();
        }
    }

    @Test
    void closingEndsItSoonInWhateverStateItIs() {
        int port = FreePorts.take();
        SessionLoop away = SessionLoop.start(
                BrokerAddress.of("amqp://s1:x@127.0.0.1:" + port + "/x", null), "away", new Counting(_ -> {}));
        SessionLoop there = start("s1", _ -> {});
        await().until(() -> joined.get() == 1 && left.get() > 0);
        long began = System.nanoTime();
        away.close();
        there.close();
        there.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    }

    /** What a daemon does with a session. */
    private interface Work {
        void with(Session session) throws IOException;
    }

    private SessionLoop start(String controller, Work work) {
        return SessionLoop.start(broker.address(controller), "kvm-controller " + controller, new Counting(work));
    }

    private final class Counting implements SessionLoop.Participant {
        private final Work work;

        Counting(Work work) {
            this.work = work;
        }

        @Override
        public void join(Session session) throws IOException {
            work.with(session);
            joined.incrementAndGet();
        }

        @Override
        public void left() {
            left.incrementAndGet();
        }
    }
}
