package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is done to one instance from its start to its end, one thing after the other. */
class InstanceLifeTest extends OneHost {

    @Test
    void runStartsAndKillEndsTheGuest() {
        instances.create(1000, SMALL);

        Reply started = ask(new RunInstance(FIRST));
        assertThat(started).isInstanceOf(Reply.InstanceStarted.class);
        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);

        Reply stopped = ask(new KillInstance(FIRST));
        assertThat(stopped).isInstanceOf(Reply.InstanceStopped.class);
        assertThat(status()).isEqualTo(InstanceStatus.OFFLINE);
        assertThat(hypervisor.running).isEmpty();
    }

    @Test
    void aForcedStopEndsTheGuestThatDoesNotListen() {
        hypervisor.obedient = false;
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        ask(new StopInstance(FIRST, 1, true));

        assertThat(hypervisor.running).isEmpty();
        assertThat(instances.views().getFirst().note()).isEqualTo("it did not power down within 1 s and was killed");
    }

    @Test
    void aRestartEndsTheGuestAndStartsAnother() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        Guest first = onlyGuest();

        assertThat(ask(new RestartInstance(FIRST, 30))).isInstanceOf(Reply.InstanceStarted.class);

        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
        assertThat(onlyGuest()).isNotSameAs(first);
    }

    @Test
    void aRestartWhoseGuestIsKilledMeanwhileDoesNotStartIt() {
        hypervisor.obedient = false;
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        CompletableFuture<Reply> restarted = instances.ask(order(new RestartInstance(FIRST, 30)));

        ask(new KillInstance(FIRST));

        assertThat(restarted)
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .withMessageContaining("did not start: it was killed");
        assertThat(status()).isEqualTo(InstanceStatus.OFFLINE);
        assertThat(hypervisor.running).isEmpty();
    }

    @Test
    void aPausedGuestStandsStillUntilItIsResumedAlsoForTheNextLife() throws IOException {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        assertThat(ask(new PauseInstance(FIRST))).isInstanceOf(Reply.InstancePaused.class);
        assertThat(status()).isEqualTo(InstanceStatus.PAUSED);
        instances.close();
        reopen();
        assertThat(status()).isEqualTo(InstanceStatus.PAUSED);

        ask(new ResumeInstance(FIRST));
        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
        assertThat(onlyGuest().paused()).isFalse();
    }

    @Test
    void whatIsTypedComesToTheGuestThatRunsAndToNoPausedOne() throws IOException {
        instances.create(1000, SMALL);
        assertThatThrownBy(() -> ask(new TypeInput(FIRST, "line", 0, "")))
                .hasMessageContaining("is offline, so nobody reads what is typed");
        ask(new RunInstance(FIRST));
        ask(new TypeInput(FIRST, "line", 0, ""));

        assertThat(ask(new TypeInput(FIRST, "line", 1, "ls\r"))).isEqualTo(new Reply.InstanceTyped(FIRST, "line", 1));
        ask(new PauseInstance(FIRST));
        assertThatThrownBy(() -> ask(new TypeInput(FIRST, "line", 2, "x"))).hasMessageContaining("is paused");
        ask(new ResumeInstance(FIRST));
        ask(new TypeInput(FIRST, "line", 2, "y"));

        assertThat(hypervisor.only().typed).containsExactly("ls\r", "y");
    }

    @Test
    void aStopIsAnsweredWhenTheGuestIsDown() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        ask(new StopInstance(FIRST, 30, false));

        assertThat(status()).isEqualTo(InstanceStatus.OFFLINE);
        assertThat(instances.views().getFirst().note()).isEqualTo("the guest powered off");
    }

    @Test
    void aGuestThatDoesNotListenIsAskedAgainAndStaysOnlineAfterTheDeadline() {
        hypervisor.obedient = false;
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        assertThatThrownBy(() -> ask(new StopInstance(FIRST, 3, false)))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("did not power down within 3 s");
        assertThat(hypervisor.only().asked).hasValueGreaterThanOrEqualTo(2);
        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
    }

    @Test
    void aGuestThatIsBeingStoppedCanBeKilled() {
        hypervisor.obedient = false;
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        var stop = instances.ask(order(new StopInstance(FIRST, 300, false)));
        Awaitility.await().until(() -> status() == InstanceStatus.STOPPING);

        ask(new KillInstance(FIRST));

        assertThat(stop).succeedsWithin(1, TimeUnit.SECONDS);
        assertThat(status()).isEqualTo(InstanceStatus.OFFLINE);
    }

    @Test
    void anInstanceIsOfflineWhenItsGuestEndsByItself() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        hypervisor.only().end("the guest powered off");

        Awaitility.await().until(() -> status() == InstanceStatus.OFFLINE);
    }

    @Test
    void aStrangerOnThePortMovesTheInstanceToAnotherOne() {
        instances.create(1000, SMALL);
        hypervisor.takenPorts.add(firstPort);

        Reply started = ask(new RunInstance(FIRST));

        assertThat(((Reply.InstanceStarted) started).instance().sshPort()).isNotEqualTo(firstPort);
        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
    }

    @Test
    void aFailedStartSaysWhyAndCanBeTriedAgain() {
        instances.create(1000, SMALL);
        hypervisor.startFailure = "QEMU said: no such machine";
        assertThatThrownBy(() -> ask(new RunInstance(FIRST))).hasMessageContaining("no such machine");
        assertThat(instances.views().getFirst())
                .extracting(InstanceView::status, InstanceView::note)
                .containsExactly(InstanceStatus.FAILED, "QEMU said: no such machine");

        hypervisor.startFailure = "";
        ask(new RunInstance(FIRST));

        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
    }

    @Test
    void aStartThatHangsIsEndedByKillAndByForcedDelete() {
        hypervisor.slow = new CountDownLatch(1);
        instances.create(1000, SMALL);
        CompletableFuture<Reply> run = instances.ask(order(new RunInstance(FIRST)));
        Awaitility.await().until(() -> status() == InstanceStatus.STARTING);

        assertThatThrownBy(() -> ask(new StopInstance(FIRST, 10, false))).hasMessageContaining("is starting");
        assertThat(ask(new KillInstance(FIRST))).isInstanceOf(Reply.InstanceStopped.class);
        assertThat(run).isCompletedExceptionally();
        assertThat(status()).isEqualTo(InstanceStatus.OFFLINE);

        CompletableFuture<Reply> second = instances.ask(order(new RunInstance(FIRST)));
        Awaitility.await().until(() -> status() == InstanceStatus.STARTING);
        ask(new DeleteInstance(FIRST, true));
        assertThat(second).isCompletedExceptionally();
        assertThat(directory).isEmptyDirectory();
        assertThat(hypervisor.running).isEmpty();
    }

    @Test
    void aRunThatIsDoneAgainFindsItsGuestOrJoinsTheStart() {
        CountDownLatch slow = new CountDownLatch(1);
        hypervisor.slow = slow;
        instances.create(1000, SMALL);
        CompletableFuture<Reply> first = instances.ask(order(new RunInstance(FIRST)));
        CompletableFuture<Reply> second =
                instances.ask(new Order(new RunInstance(FIRST), "r2", Instant.EPOCH, Instant.EPOCH, true));
        Awaitility.await().until(() -> status() == InstanceStatus.STARTING);
        assertThat(second).isNotDone();

        slow.countDown();

        assertThat(first).succeedsWithin(10, TimeUnit.SECONDS).isInstanceOf(Reply.InstanceStarted.class);
        assertThat(second).succeedsWithin(10, TimeUnit.SECONDS).isInstanceOf(Reply.InstanceStarted.class);
        assertThat(instances.ask(new Order(new RunInstance(FIRST), "r2", Instant.EPOCH, Instant.EPOCH, true)))
                .succeedsWithin(10, TimeUnit.SECONDS)
                .isInstanceOf(Reply.InstanceStarted.class);
    }

    @Test
    void requestsKeepTheOrderInWhichTheyWereHandedOver() {
        instances.create(1000, SMALL);
        List<CompletableFuture<Reply>> all = IntStream.range(0, 20)
                .mapToObj(
                        each -> instances.ask(order(each % 2 == 0 ? new RunInstance(FIRST) : new KillInstance(FIRST))))
                .toList();

        all.forEach(one -> assertThat(one.handle((_, _) -> true)).succeedsWithin(10, TimeUnit.SECONDS));

        assertThat(status()).isEqualTo(InstanceStatus.OFFLINE);
        assertThat(hypervisor.running).isEmpty();
    }

    @Test
    void whatIsLeftUndoneByALeavingControllerHasNoAnswer() {
        hypervisor.slow = new CountDownLatch(1);
        instances.create(1000, SMALL);
        CompletableFuture<Reply> run = instances.ask(order(new RunInstance(FIRST)));
        Awaitility.await().until(() -> status() == InstanceStatus.STARTING);

        instances.close();

        assertThat(run).isNotDone();
    }

    @Test
    void onlyWhatChangesNothingIsKnownBeforehand() {
        instances.create(1000, SMALL);
        assertThat(instances.unchanged(order(new KillInstance(FIRST)))).contains(ask(new KillInstance(FIRST)));
        assertThat(instances.unchanged(order(new RunInstance(FIRST)))).isEmpty();
        assertThat(instances.unchanged(order(new DeleteInstance(FIRST, false)))).isEmpty();

        ask(new RunInstance(FIRST));
        assertThat(instances.unchanged(order(new KillInstance(FIRST)))).isEmpty();
        assertThat(instances.unchanged(order(new RunInstance(FIRST))))
                .hasValueSatisfying(answer -> assertThat(answer).isInstanceOf(Reply.Failure.class));
        assertThat(instances.unchanged(order(new KillInstance(InstanceId.parse("s1/1001")))))
                .isEmpty();
    }
}
