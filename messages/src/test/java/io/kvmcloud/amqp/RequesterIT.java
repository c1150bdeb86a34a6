package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Reply.InstanceDeleted;
import io.kvmcloud.messages.Reply.InstanceList;
import io.kvmcloud.messages.RequestId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The client's side of the road, with a manager that does what the test wants. */
@Tag("every-broker")
@WithBroker(operators = {"operator", "mute"})
class RequesterIT {

    private static final InstanceId ID = InstanceId.parse("s1/1000");
    private static final int MANY = 20;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final InstanceList NONE = new InstanceList(List.of());

    private final TestBroker broker;
    /** Each test's own. */
    private final String connection = "kvm-cli " + UUID.randomUUID();

    private final Requester requester;
    private @Nullable FakeManager manager;

    RequesterIT(TestBroker broker) {
        this.broker = broker;
        requester = Requester.open(broker.address("operator"), connection, "kvm-cli/test");
    }

    @BeforeEach
    void emptyTheManagersQueue() throws Exception {
        try (var admin = broker.connect("admin")) {
            admin.createChannel().queuePurge(Topology.MANAGER_COMMANDS);
        }
    }

    @AfterEach
    void close() {
        requester.close();
        if (manager != null) {
            manager.close();
        }
    }

    @Test
    void aQuestionGetsItsAnswer() {
        manages(_ -> NONE);
        assertThat(requester.ask(new ListInstances(), MINUTE)).isEqualTo(NONE);
    }

    @Test
    void whoAsksForAPageIsToldWhereTheNextOneBegins() {
        List<String> told = new ArrayList<>();
        manages(_ -> new InstanceList(List.of(), "s1/1500"));
        requester.ask(new ListInstances(), RequestId.next(Clock.systemUTC()), MINUTE, told::add);
        assertThat(told).containsExactly("s1/1500");
    }

    @Test
    void aFailureIsThrownAsItWasSent() {
        Failure failure = new Failure(Reason.NOT_FOUND, "no instance s1/1000", "`kvm-cloud instances`");
        manages(_ -> failure);
        assertThat(failing(new KillInstance(ID), MINUTE)).isEqualTo(failure);
    }

    @Test
    void manyQuestionsAtOnceEachGetTheirOwnAnswer() {
        manages(delivery -> Codec.command(delivery.envelope()) instanceof Command.DeleteInstance delete
                ? new InstanceDeleted(delete.id())
                : null);
        List<InstanceId> ids = IntStream.range(0, 200)
                .mapToObj(number -> InstanceId.parse("s1/" + number))
                .toList();
        assertThat(ids.parallelStream()
                        .map(id -> requester
                                .ask(new Command.DeleteInstance(id, false), MINUTE)
                                .id())
                        .toList())
                .isEqualTo(ids);
    }

    @Test
    void theManagerSeesWhatPlacementNeedsWithoutReadingTheBody() {
        FakeManager fake = manages(_ -> new Failure(Reason.REFUSED, "no", ""));
        NewInstance command = new NewInstance("micro", MemorySize.ofMebibytes(64), 2, List.of());
        assertThatThrownBy(() -> requester.ask(command, MINUTE)).hasMessage("no");
        Delivery seen = fake.arrived.remove();
        assertThat(seen.exchange()).isEqualTo(Topology.COMMANDS);
        assertThat(seen.routingKey()).isEqualTo("write.instance.new");
        Envelope envelope = seen.envelope();
        assertThat(envelope.userId()).isEqualTo("operator");
        assertThat(envelope.appId()).isEqualTo("kvm-cli/test");
        assertThat(envelope.persistent()).isTrue();
        assertThat(envelope.messageId()).isEqualTo(envelope.correlationId()).matches("[0-9a-f-]{14}7[0-9a-f-]{21}");
        assertThat(envelope.header(Headers.TEMPLATE)).isEqualTo("micro");
        assertThat(envelope.number(Headers.MEMORY, 0)).isEqualTo(64);
        assertThat(envelope.number(Headers.CPUS, 0)).isEqualTo(2);
        assertThat(envelope.number(Headers.ATTEMPT, -1)).isZero();
        assertThat(envelope.number(Headers.VERSION, -1)).isEqualTo(1);
        assertThat(Instant.ofEpochMilli(envelope.number(Headers.DEADLINE, 0)))
                .isBetween(Instant.now().plusSeconds(30), Instant.now().plusSeconds(61));
    }

    @Test
    void withoutAManagerAReadFailsAtOnce() {
        Instant began = Instant.now();
        Failure failure = failing(new ListInstances(), MINUTE);
        assertThat(Duration.between(began, Instant.now())).isLessThan(SOON);
        assertThat(failure.reason().exitCode()).isEqualTo(4);
        assertThat(failure.message()).isEqualTo("no manager is running");
        assertThat(failure.hint()).contains("kvm-cloud up");
    }

    @Test
    void withoutAManagerAWriteSaysAtOnceThatItIsStored() {
        Instant began = Instant.now();
        Failure failure = failing(new KillInstance(ID), "R-17", MINUTE);
        assertThat(Duration.between(began, Instant.now())).isLessThan(SOON);
        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message()).contains("no manager is running; request R-17 is stored");
        assertThat(broker.messages(Topology.MANAGER_COMMANDS)).isEqualTo(1);
    }

    @Test
    void whileAnswersComeNobodyAsksWhetherAManagerLives() {
        FakeManager fake = manages(_ -> new Failure(Reason.REFUSED, "no", ""));
        for (int i = 0; i < 20; i++) {
            failing(new KillInstance(ID), MINUTE);
        }
        assertThat(fake.arrived).hasSize(20);
        assertThat(fake.pings).as("one for each answer that was late").hasValueLessThan(5);
    }

    @Test
    void whoseAnswerWasLostIsAskedAgainUnderTheSameRequestIdAlsoWhenItIsForNoHostYetOrOnlyReads() {
        Failure no = new Failure(Reason.REFUSED, "no", "");
        FakeManager fake = manages(delivery -> delivery.envelope().number(Headers.ATTEMPT, 0) == 0 ? null : no);
        Command<?> create = new NewInstance("micro", MemorySize.ofMebibytes(64), 1, List.of());
        CompletableFuture<Failure> created = CompletableFuture.supplyAsync(() -> failing(create, "R-2", MINUTE));
        CompletableFuture<Failure> read =
                CompletableFuture.supplyAsync(() -> failing(new Command.ListTemplates(), "R-4", MINUTE));

        assertThat(failing(new DeleteInstance(ID, false), "R-3", MINUTE)).isEqualTo(no);
        assertThat(created.join()).isEqualTo(no);
        assertThat(read.join()).isEqualTo(no);
        assertThat(fake.arrived)
                .extracting(one -> one.envelope().messageId())
                .containsExactlyInAnyOrder("R-2", "R-2", "R-3", "R-3", "R-4", "R-4");
    }

    @Test
    void theDeadlineEndsTheWait() {
        manages(_ -> null);
        Instant began = Instant.now();
        Failure failure = failing(new KillInstance(ID), "R-18", Duration.ofMillis(700));
        assertThat(Duration.between(began, Instant.now())).isBetween(Duration.ofMillis(650), Duration.ofSeconds(3));
        assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(failure.message()).startsWith("no answer in time; if it had not begun by ");
        assertThat(failure.hint()).contains("kvm-cloud op show R-18");
    }

    @Test
    void whoIsSilentIsNamedWhenAReadIsLate() {
        manages(_ -> null);
        Failure failure = failing(new Command.ExamineHost(ID.controller()), "R-20", Duration.ofMillis(300));
        assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(failure.message()).isEqualTo("controller " + ID.controller() + " has not answered in time");
    }

    @Test
    void whenTheConnectionBreaksItAsksAgainUnderTheSameRequestId() {
        FakeManager fake = manages(delivery -> {
            if (delivery.envelope().number(Headers.ATTEMPT, -1) == 0) {
                broker.closeConnections(connection);
                return null;
            }
            return new InstanceDeleted(ID);
        });
        assertThat(requester.ask(new Command.DeleteInstance(ID, true), "R-19", MINUTE))
                .isEqualTo(new InstanceDeleted(ID));
        assertThat(fake.arrived)
                .extracting(delivery -> delivery.envelope().messageId())
                .containsOnly("R-19")
                .hasSizeGreaterThan(1);
    }

    @Test
    void afterABreakItWaitsForManagersThatComeBackLaterThanItself() {
        FakeManager first = manages(_ -> null);
        broker.awaitConnection(connection); // or the manager would be missed before the connection can be cut
        CompletableFuture<InstanceDeleted> answer =
                CompletableFuture.supplyAsync(() -> requester.ask(new Command.DeleteInstance(ID, true), MINUTE));
        await().until(() -> !first.arrived.isEmpty());
        first.close();
        broker.closeConnections(connection);
        await().until(() -> broker.messages(Topology.MANAGER_COMMANDS) > 0); // the repeat is stored, for nobody yet
        manages(_ -> new InstanceDeleted(ID));
        await().until(answer::isDone);
        assertThat(answer.join()).isEqualTo(new InstanceDeleted(ID));
    }

    @Test
    void closingEndsTheWaitOfOtherThreadsAndConnectsNoMore() {
        FakeManager fake = manages(_ -> null);
        CompletableFuture<Failure> ended =
                CompletableFuture.supplyAsync(() -> failing(new KillInstance(ID), "R-21", MINUTE));
        await().until(() -> !fake.arrived.isEmpty());
        requester.close();
        await().atMost(SOON.multipliedBy(5)).until(ended::isDone);
        assertThat(ended.join().message()).contains("closed before an answer came");
        assertThat(fake.arrived).hasSize(1);
    }

    @Test
    void anAnswerToSomethingElseIsNotPassedOn() {
        manages(_ -> new Reply.Pong("m1"));
        Failure failure = failing(new KillInstance(ID), MINUTE);
        assertThat(failure.reason()).isEqualTo(Reason.FAILED);
        assertThat(failure.message()).contains("the answer to instance.kill makes no sense: it is a pong");
    }

    @Test
    void whoMayNotAskIsToldAtOnceAndNotAfterTheDeadline() {
        manages(_ -> NONE);
        try (Requester viewer = Requester.open(broker.address("viewer"), "kvm-cli viewer", "kvm-cli/test")) {
            assertThat(viewer.ask(new ListInstances(), MINUTE)).isEqualTo(NONE);
            Failure failure = failure(viewer, new KillInstance(ID), "R-20", MINUTE);
            assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
            assertThat(failure.message()).contains("does not allow user 'viewer' to ask for instance.kill", "403");
            assertThat(viewer.ask(new ListInstances(), MINUTE)).isEqualTo(NONE);
        }
    }

    @Test
    void severalThatMayNotAskAreEachToldThatNothingWasDone() {
        FakeManager fake = manages(_ -> NONE);
        try (Requester viewer = Requester.open(broker.address("viewer"), "kvm-cli viewer", "kvm-cli/test");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Failure>> told = IntStream.range(0, MANY)
                    .mapToObj(number -> threads.submit(() -> failure(
                            viewer, new KillInstance(InstanceId.parse("s1/" + number)), "R-3" + number, MINUTE)))
                    .toList();
            assertThat(viewer.ask(new ListInstances(), MINUTE)).isEqualTo(NONE);
            assertThat(told).allSatisfy(one -> {
                assertThat(one.get().reason()).isEqualTo(Reason.REFUSED);
                assertThat(one.get().message()).contains("it was not carried out: 403 ACCESS_REFUSED");
                assertThat(one.get().hint()).contains("kvm-cloud user add NAME --role operator");
            });
        }
        assertThat(fake.arrived)
                .noneMatch(one -> "instance.kill".equals(one.envelope().type()));
    }

    @Test
    void whatIsAllowedIsDoneOnceAmongWhatIsRefused() {
        FakeManager fake =
                manages(delivery -> delivery.routingKey().startsWith("write.") ? new InstanceDeleted(ID) : NONE);
        try (Requester ofS1 = Requester.open(broker.address("operator-of-s1"), "kvm-cli of s1", "kvm-cli/test");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Reply>> told = IntStream.range(0, MANY)
                    .mapToObj(number -> threads.submit(() -> (Reply) ofS1.ask(
                            new DeleteInstance(InstanceId.parse("s" + (1 + number % 2) + "/" + number), true),
                            "R-4" + number,
                            MINUTE)))
                    .toList();
            for (int number = 0; number < MANY; number++) {
                Future<Reply> one = told.get(number);
                if (number % 2 == 0) {
                    assertThat(one).succeedsWithin(MINUTE).isEqualTo(new InstanceDeleted(ID));
                } else {
                    assertThat(one)
                            .failsWithin(MINUTE)
                            .withThrowableThat()
                            .havingCause()
                            .withMessageContaining("it was not carried out: 403 ACCESS_REFUSED");
                }
            }
        }
        assertThat(fake.arrived).allMatch(one -> !one.routingKey().contains(".s2."));
    }

    @Test
    void whoMayWriteAndNotReadIsToldThatItMayBeDone() {
        broker.manage(
                "topic-permissions/" + broker.here() + "/mute",
                "{\"exchange\":\"kvm.commands\",\"write\":\"^write\\\\.\",\"read\":\"^$\"}");
        manages(_ -> null);
        try (Requester mute = Requester.open(broker.address("mute"), "kvm-cli mute", "kvm-cli/test")) {
            Failure failure = failure(mute, new KillInstance(ID), "R-50", MINUTE);
            assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
            assertThat(failure.message()).contains("the right to ask for read.ping; it may be carried out: 403");
        }
    }

    private FakeManager manages(Function<Delivery, @Nullable Reply> answers) {
        FakeManager fake = new FakeManager(broker.address("kvm-manager"), answers);
        manager = fake;
        await().until(() -> fake.joined.getCount() == 0);
        return fake;
    }

    private Failure failing(Command<?> command, Duration deadline) {
        return failing(command, "R-1", deadline);
    }

    private Failure failing(Command<?> command, String requestId, Duration deadline) {
        return failure(requester, command, requestId, deadline);
    }

    private static Failure failure(Requester requester, Command<?> command, String requestId, Duration deadline) {
        return catchThrowableOfType(CommandFailed.class, () -> requester.ask(command, requestId, deadline))
                .failure();
    }
}
