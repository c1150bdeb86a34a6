package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.EventRow;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.OpStatus;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A manager on a real broker, among controllers that are fakes and clients that behave. */
@WithBroker
class ManagerIT {

    private final TestBroker broker;
    private final FakeCloud cloud;
    private final Client client;

    ManagerIT(TestBroker broker) {
        this.broker = broker;
        this.cloud = new FakeCloud(broker);
        this.client = cloud.client();
    }

    @AfterEach
    void end() {
        cloud.close();
    }

    @Test
    void instancesAreSpreadRoundRobinOverTheControllers() {
        controllers("s1", "s2");
        cloud.manager("m1");

        List<String> ids = Stream.generate(this::created).limit(6).toList();

        assertThat(ids).containsExactly("s1/1000", "s2/2000", "s1/1001", "s2/2001", "s1/1002", "s2/2002");
    }

    @Test
    void theControllerIsToldWhoAskedAndUnderWhichKey() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");

        created();

        assertThat(s1.taken).singleElement().satisfies(delivery -> {
            assertThat(delivery.exchange()).isEqualTo(Topology.CONTROLLERS);
            assertThat(delivery.envelope().userId()).isEqualTo(Topology.MANAGER_USER);
            assertThat(delivery.envelope().header(Headers.ON_BEHALF_OF)).isEqualTo("operator");
            assertThat(delivery.envelope().header(Headers.KEY)).isEqualTo("write.instance.new");
            assertThat(delivery.envelope().header(Headers.COPY)).startsWith("m1-");
            assertThat(delivery.envelope().expiration()).isEqualTo(Topology.PICK_UP);
        });
    }

    @Test
    void anAddressedCommandGoesToTheOwnerOfTheInstance() {
        controllers("s1", "s2");
        cloud.manager("m1");

        Reply reply = client.call(new Command.KillInstance(FakeCloud.id("s2", 2000)));

        assertThat(reply)
                .isInstanceOfSatisfying(
                        Reply.InstanceStopped.class,
                        stopped -> assertThat(stopped.instance().id()).isEqualTo(FakeCloud.id("s2", 2000)));
    }

    @Test
    void withoutAControllerTheAnswerSaysSo() {
        cloud.manager("m1");

        assertThat(FakeCloud.failure(client.call(FakeCloud.newMicro(128))))
                .isEqualTo(new Failure(
                        Reason.UNREACHABLE,
                        "no controller is connected",
                        "`kvm-cloud up` starts a cloud on this machine, `systemctl start kvm-cloud-controller` the controller"
                                + " of a host with the package"));
    }

    @Test
    void aMisspeltTemplateIsNotFoundWithTheOneThatWasMeant() {
        cloud.controller("s1");
        cloud.manager("m1");

        Failure failure =
                FakeCloud.failure(client.call(new Command.NewInstance("mirco", new MemorySize(128), 1, List.of())));

        assertThat(failure.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(failure.message()).isEqualTo("there is no template 'mirco'");
        assertThat(failure.hint()).isEqualTo("did you mean micro? the templates are: micro");
    }

    @Test
    void aMisspeltControllerIsNotFoundWithTheOneThatWasMeant() {
        controllers("s1", "s2");
        cloud.manager("m1");

        Failure failure = FakeCloud.failure(client.call(new Command.KillInstance(FakeCloud.id("s9", 1))));

        assertThat(failure.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(failure.message()).isEqualTo("there is no controller 's9'");
        assertThat(failure.hint()).contains("the controllers are: s1, s2");
    }

    @Test
    void withoutRoomTheAnswerSaysWhyHostByHost() {
        cloud.controller("s1", new Capacity(8192, 7168, 64, 0, 0));
        cloud.controller("s2", new Capacity(8192, 0, 4, 3, 0));
        cloud.manager("m1");

        Failure failure =
                FakeCloud.failure(client.call(new Command.NewInstance("micro", new MemorySize(4096), 2, List.of())));

        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.message()).isEqualTo("""
                        no controller can take 4096 MiB, 2 CPUs of template micro
                          s1: 1024 MiB free of 8192
                          s2: 1 CPUs free of 4""");
    }

    @Test
    void aBurstDoesNotOvershootWhatAHostHas() {
        cloud.controller("s1", new Capacity(1024, 0, 64, 0, 0));
        cloud.manager("m1");

        List<String> asked = Stream.generate(() -> client.ask(FakeCloud.newMicro(256)))
                .limit(6)
                .toList();

        assertThat(asked.stream().map(client::answer).filter(Reply.InstanceCreated.class::isInstance))
                .hasSize(4);
        assertThat(asked.stream().map(client::answer).filter(Failure.class::isInstance))
                .hasSize(2);
    }

    @Test
    void onlyTheControllersItIsRestrictedToAreServed() {
        controllers("s1", "s2");
        cloud.manager("m1", Set.of(new ControllerName("s2")));

        assertThat(Stream.generate(this::created).limit(3)).containsExactly("s2/2000", "s2/2001", "s2/2002");
        assertThat(FakeCloud.failure(client.call(new Command.KillInstance(FakeCloud.id("s1", 1000))))
                        .reason())
                .isEqualTo(Reason.NOT_FOUND);
        assertThat(((Reply.ControllerList) client.call(new Command.ListControllers())).controllers())
                .singleElement()
                .satisfies(row -> assertThat(row.controller().name().value()).isEqualTo("s2"));
    }

    @Test
    void whoFollowsEventsIsAnsweredWhenSomethingHappensAndThenOnlyOfThat() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        Reply.EventList before = (Reply.EventList) client.call(new Command.ListEvents(0L, 0));
        String followed = client.ask(new Command.ListEvents(before.next(), 20));
        s1.tell(new Event.InstanceChanged(Some.instance("s1", 1000, "micro", 64, 1)));

        assertThat(before.events()).extracting(EventRow::subject).contains("s1");
        assertThat(((Reply.EventList) client.answer(followed)).events())
                .extracting(row -> row.subject() + " " + row.event())
                .containsExactly("s1/1000 CREATED");
    }

    @Test
    void listsComeFromTheTableWithTheirAge() {
        FakeController s1 = cloud.controller("s1");
        s1.add("micro", 128, 1);
        cloud.manager("m1");
        cloud.controller("s2");

        await().untilAsserted(() -> assertThat(
                        ((Reply.ControllerList) client.call(new Command.ListControllers())).controllers())
                .extracting(row -> row.controller().name() + " " + row.reachable())
                .containsExactly("s1 true", "s2 true"));
        Reply.InstanceList list = (Reply.InstanceList) client.call(new Command.ListInstances());
        assertThat(list.instances()).singleElement().satisfies(row -> {
            assertThat(row.instance().id()).isEqualTo(FakeCloud.id("s1", 1000));
            assertThat(row.ageSeconds()).isCloseTo(0, within(2.0));
            assertThat(row.reachable()).isTrue();
        });
        Reply.TemplateList templates = (Reply.TemplateList) client.call(new Command.ListTemplates());
        assertThat(templates.templates())
                .singleElement()
                .satisfies(row -> assertThat(row.controllers())
                        .containsExactly(new ControllerName("s1"), new ControllerName("s2")));
    }

    @Test
    void aControllerThatIsGoneStaysListedAndItsRowsGrowOld() {
        FakeController s1 = cloud.controller("s1");
        s1.add("micro", 128, 1);
        cloud.manager("m1");
        assertThat(client.call(new Command.Ping())).isEqualTo(new Reply.Pong("m1"));

        s1.crash();

        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            Reply.InstanceList list = (Reply.InstanceList) client.call(new Command.ListInstances());
            assertThat(list.instances()).singleElement().satisfies(row -> {
                assertThat(row.reachable()).isFalse();
                assertThat(row.ageSeconds()).isGreaterThan(6);
            });
        });
        Failure away = FakeCloud.failure(client.call(new Command.KillInstance(FakeCloud.id("s1", 1000))));
        assertThat(away.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(away.message())
                .matches("controller s1 is not connected \\(last seen \\d+ s ago\\); nothing was done");
    }

    @Test
    void aReadAboutAnInstanceIsPassedOnToItsController() {
        FakeController s1 = cloud.controller("s1");
        cloud.manager("m1");
        assertThat(client.call(new Command.ReadLog(FakeCloud.id("s1", 1000), 10)))
                .isEqualTo(new Reply.InstanceLog(FakeCloud.id("s1", 1000), "Linux\n", 0L, 6L));

        s1.crash();
        await().until(() -> !broker.exists(Topology.queriesOf(new ControllerName("s1"))));

        Failure failure = FakeCloud.failure(client.call(new Command.ReadLog(FakeCloud.id("s1", 1000), 10)));
        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure.message()).matches("controller s1 is not connected \\(last seen \\d+ s ago\\)");
    }

    @Test
    void whatBecameOfACommandIsToldByWhoeverHandledIt() {
        controllers("s1", "s2");
        cloud.manager("m1");
        cloud.manager("m2");
        String op = client.ask(FakeCloud.newMicro(128));
        client.answer(op);

        // Who is asked waits 150 ms for the other manager, which is not always enough on a busy machine.
        await().untilAsserted(() -> {
            OpView view = ((Reply.OpShown) client.call(new Command.ShowOp(op))).op();

            assertThat(view.op()).isEqualTo(op);
            assertThat(view.status()).isEqualTo(OpStatus.DONE);
            assertThat(view.steps()).extracting(OpStep::what).hasSize(2).last().isEqualTo("taken");
            assertThat(view.steps().getFirst().what()).matches("sent to s[12]");
            assertThat(view.steps().getFirst().who()).matches("m[12]");
        });
    }

    @Test
    void aCommandThatNobodyKnowsIsNotFoundUnlessSomebodyIsAway() {
        cloud.controller("s1");
        FakeController s2 = cloud.controller("s2");
        cloud.manager("m1");
        assertThat(FakeCloud.failure(client.call(new Command.ShowOp("nothing"))))
                .extracting(Failure::reason, Failure::message)
                .containsExactly(Reason.NOT_FOUND, "no manager and no controller knows op nothing");

        s2.leave();
        s2.crash();

        await().untilAsserted(() -> assertThat(FakeCloud.failure(client.call(new Command.ShowOp("nothing")))
                        .message())
                .matches("nobody who answers knows op nothing; not heard: s2 \\(last seen \\d+ s ago\\)"));
    }

    @Test
    void aRefusalOfTheManagerIsKnownToo() {
        cloud.manager("m1");
        String op = client.ask(FakeCloud.newMicro(128));
        client.answer(op);

        OpView view = ((Reply.OpShown) client.call(new Command.ShowOp(op))).op();

        assertThat(view.status()).isEqualTo(OpStatus.FAILED);
        assertThat(view.message()).isEqualTo("no controller is connected");
    }

    @Test
    void aForcedDeleteForAControllerThatIsAwayIsCarriedOutOnItsReturn() {
        FakeController s1 = cloud.controller("s1");
        s1.add("micro", 128, 1);
        cloud.manager("m1");
        client.call(new Command.Ping());
        s1.leave();
        s1.crash();
        await().untilAsserted(() -> assertThat(
                        ((Reply.ControllerList) client.call(new Command.ListControllers())).controllers())
                .noneMatch(ControllerRow::reachable));

        Command<?> deletion = new Command.DeleteInstance(FakeCloud.id("s1", 1000), true);
        String op = client.ask(deletion);
        assertThat(client.answer(op))
                .isInstanceOfSatisfying(
                        Reply.InstanceDeleted.class,
                        later -> assertThat(later.note()).startsWith("controller s1 is not connected"));
        assertThat(s1.requests()).doesNotContain(op);
        s1.connect();

        await().atMost(Duration.ofSeconds(30)).until(() -> s1.requests().contains(op));
    }

    @Test
    void readsAreReturnedWhenNoManagerLives() {
        assertThat(client.outcome(
                        "read.ping", Some.envelope("ping", "p", null, null, Client.headers(new Command.Ping(), 0))))
                .succeedsWithin(Duration.ofSeconds(5))
                .isEqualTo(ChannelLoop.Outcome.UNROUTABLE);
    }

    @Test
    void aManagerThatStartsKnowsAllWithinTwoSeconds() {
        controllers("s1", "s2").forEach(controller -> controller.add("micro", 128, 1));
        long began = System.nanoTime();

        cloud.manager("m1");
        Reply.InstanceList list = (Reply.InstanceList) client.call(new Command.ListInstances());

        assertThat(list.instances()).hasSize(2);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void tenThousandInstancesOnOneHostAreToldInPartsAndListedInPages() {
        List<FakeController> controllers = controllers("s1", "s2");
        IntStream.range(0, 10_000).forEach(_ -> controllers.getFirst().add("micro", 128, 1));
        controllers.getLast().add("micro", 128, 1);
        cloud.manager("m1");

        assertThat(client.call(new Command.ListInstances())).isInstanceOf(Failure.class);
        List<ControllerName> owners = Page.all(
                        page -> (Reply.InstanceList) client.call(new Command.ListInstances(page)),
                        Reply.InstanceList::instances,
                        Reply.InstanceList::next)
                .stream()
                .map(row -> row.instance().id().controller())
                .toList();
        assertThat(owners).hasSize(10_001).isSorted();
    }

    @Test
    void commandsWaitForAManagerAndFindTheControllers() {
        controllers("s1", "s2");
        String waiting = client.ask(FakeCloud.newMicro(128));

        cloud.manager("m1");

        assertThat(client.answer(waiting)).isInstanceOf(Reply.InstanceCreated.class);
    }

    private List<FakeController> controllers(String... names) {
        return Stream.of(names).map(cloud::controller).toList();
    }

    private String created() {
        return cloud.created(client.call(FakeCloud.newMicro(128)));
    }
}
