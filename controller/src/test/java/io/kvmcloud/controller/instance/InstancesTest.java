package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.AddForward;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.Forward.Protocol;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.TemplateWarmed.Outcome;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstancesTest {

    private static final int PORTS = 20;
    private static final InstanceId FIRST = InstanceId.parse("s1/1000");
    private static final NewInstance SMALL = new NewInstance("micro", MemorySize.ofMebibytes(128), 1, List.of());

    @TempDir
    private Path directory;

    private final FakeHypervisor hypervisor = new FakeHypervisor();
    private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    private int firstPort;
    private Instances instances;

    @BeforeEach
    void open() throws IOException {
        firstPort = FreePorts.take(PORTS).getFirst();
        reopen();
    }

    @AfterEach
    void close() {
        instances.close();
    }

    @Test
    void aNewInstanceIsOfflineAndHasAPortLeased() {
        InstanceView created = instances.create(1000, SMALL).instance();

        assertThat(created.id()).isEqualTo(FIRST);
        assertThat(created.status()).isEqualTo(InstanceStatus.OFFLINE);
        assertThat(created.sshPort()).isEqualTo(firstPort);
        assertThat(hypervisor.running).isEmpty();
    }

    @Test
    void aTemplateIsTakenAwayOnlyWhenNoInstanceIsMadeOfItAndWhatIsKeptOfItGoesToo() {
        List<String> gone = new ArrayList<>();
        instances.create(1000, SMALL);
        assertThatThrownBy(() -> instances.takeAway("micro", () -> gone.add("micro")))
                .hasMessage("template micro is in use by s1/1000");
        instances.takeAway("other", () -> gone.add("other"));

        assertThat(gone).containsExactly("other");
        assertThat(hypervisor.cooled).containsExactly("other");
    }

    @Test
    void creatingUnderTheSameNumberAgainFindsTheFirstOne() {
        InstanceView first = instances.create(1000, SMALL).instance();
        InstanceView second = instances.create(1000, SMALL).instance();

        assertThat(second).isEqualTo(first);
        assertThat(instances.views()).hasSize(1);
    }

    @Test
    void aNameAndASizeAreKeptAlsoByTheNextLife() throws IOException {
        Files.write(directory.resolve("template.img"), new byte[3 << 19]);
        instances.create(
                1000,
                new NewInstance(
                        "micro",
                        MemorySize.ofMebibytes(128),
                        1,
                        List.of(),
                        "web",
                        new DiskSize(2),
                        UserData.NONE,
                        List.of()));
        instances.create(1001, SMALL);
        instances.close();
        reopen();

        assertThat(instances.views()).extracting(InstanceView::name).containsExactly("web", "");
        assertThat(instances.views()).extracting(InstanceView::disk).containsExactly(new DiskSize(2), new DiskSize(1));
    }

    @Test
    void aNameIsTakenUntilItsInstanceIsDeleted() {
        NewInstance web = SMALL.named("web");
        instances.create(1000, web);

        assertThatThrownBy(() -> instances.create(1001, web))
                .hasMessage("the name web is taken: s1/1000 has it; nothing was created");
        assertThat(instances.create(1000, web).instance().name()).isEqualTo("web");
        ask(new DeleteInstance(FIRST, false));
        assertThat(instances.create(1001, web).instance().name()).isEqualTo("web");
    }

    @Test
    void aDiskSmallerThanTheTemplatesIsRefusedWithBothSizes() throws IOException {
        Files.write(directory.resolve("template.img"), new byte[3 << 19]);

        assertThatThrownBy(() -> instances.create(
                        1000,
                        new NewInstance(
                                "micro",
                                MemorySize.ofMebibytes(128),
                                1,
                                List.of(),
                                "",
                                new DiskSize(1),
                                UserData.NONE,
                                List.of())))
                .isInstanceOfSatisfying(CommandFailed.class, failed -> {
                    assertThat(failed.failure().reason()).isEqualTo(Reason.INVALID);
                    assertThat(failed).hasMessage("template micro needs a disk of at least 2 MiB, not 1 MiB");
                });
        assertThat(instances.views()).isEmpty();
    }

    @Test
    void anInstanceOfBeforeThereWereNamesHasNone() throws IOException {
        instances.create(1000, SMALL);
        instances.close();
        Path record = directory.resolve("1000/instance.json");
        Files.writeString(
                record,
                Files.readString(record).replaceFirst("\"name\" : \"\",", "").replaceFirst("\"disk\" : 0,", ""));
        reopen();

        assertThat(instances.views()).singleElement().satisfies(view -> {
            assertThat(view.name()).isEmpty();
            assertThat(view.disk()).isEqualTo(DiskSize.OF_TEMPLATE);
        });
    }

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
    void theSweepSeesWhatSomebodyDidAtTheMonitor() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        onlyGuest().pause();
        instances.sweep();

        Awaitility.await().until(() -> status() == InstanceStatus.PAUSED);
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
    void deletingRemovesFilesAndFreesThePort() {
        instances.create(1000, SMALL);

        ask(new DeleteInstance(FIRST, false));

        assertThat(directory).isEmptyDirectory();
        assertThat(instances.views()).isEmpty();
        assertThat(instances.create(1001, SMALL).instance().sshPort()).isEqualTo(firstPort);
    }

    @Test
    void aRunningInstanceIsDeletedOnlyByForce() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        assertThatThrownBy(() -> ask(new DeleteInstance(FIRST, false))).hasMessageContaining("is online");
        ask(new DeleteInstance(FIRST, true));

        assertThat(hypervisor.running).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFullDiskLeavesNothingBehind() {
        hypervisor.diskFull = true;

        assertThatThrownBy(() -> instances.create(1000, SMALL)).hasMessage("disk full");

        assertThat(directory).isEmptyDirectory();
        assertThat(instances.capacity().memoryUsedMebibytes()).isZero();
        hypervisor.diskFull = false;
        assertThat(instances.create(1001, SMALL).instance().sshPort()).isEqualTo(firstPort);
    }

    @Test
    void tooLittleMemoryForTheTemplateIsRefusedWithTheNumbers() {
        assertThatThrownBy(() ->
                        instances.create(1000, new NewInstance("micro", MemorySize.ofMebibytes(64), 1, List.of())))
                .hasMessage("template micro needs at least 72 MiB, not 64 MiB");
    }

    @Test
    void aHostGivesAwayNoMoreThanItHas() {
        instances.create(1000, new NewInstance("micro", MemorySize.ofMebibytes(900), 1, List.of()));

        assertThatThrownBy(() -> instances.create(1001, SMALL))
                .hasMessageContaining("124 MiB of 1024")
                .extracting(failed -> ((CommandFailed) failed).failure().reason())
                .isEqualTo(Reason.REFUSED);
    }

    @Test
    void aBurstTakesEachPortOnceAndNoMoreThanThereIs() {
        List<CompletableFuture<InstanceView>> burst = LongStream.range(1000, 1020)
                .mapToObj(number -> CompletableFuture.supplyAsync(
                        () -> instances.create(number, SMALL).instance(), Thread::startVirtualThread))
                .toList();
        burst.forEach(one -> one.handle((_, _) -> 0).join());

        List<InstanceView> created = burst.stream()
                .filter(one -> !one.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .toList();
        assertThat(created).as("1024 MiB hold eight of 128").hasSize(8);
        assertThat(created).extracting(InstanceView::sshPort).doesNotHaveDuplicates();
        assertThat(instances.capacity().memoryFree()).isZero();
    }

    @Test
    void guestsOutliveTheControllerAndAreAdopted() throws IOException {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        FakeHypervisor.FakeGuest guest = hypervisor.only();

        instances.close();
        assertThat(guest.released).isTrue();
        reopen();

        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
        assertThat(hypervisor.only()).isSameAs(guest);
    }

    @Test
    void whatWasLeftHalfMadeGoesAtTheNextStart() throws IOException {
        instances.close();
        Path leftover = Files.createDirectory(directory.resolve(".1007"));
        Files.writeString(leftover.resolve("disk"), "half");

        reopen();

        assertThat(directory).isEmptyDirectory();
        assertThat(hypervisor.reaped).contains(leftover);
    }

    @Test
    void aDamagedRecordIsPutAsideAndTheOthersGoOn() throws IOException {
        instances.create(1000, SMALL);
        instances.create(1001, SMALL);
        instances.close();
        Files.writeString(directory.resolve("1000/instance.json"), "{ garbage");

        reopen();

        assertThat(instances.views()).extracting(InstanceView::id).containsExactly(InstanceId.parse("s1/1001"));
        assertThat(directory.resolve("damaged-1000/disk")).exists();
    }

    @Test
    void everyChangeIsTold() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        ask(new DeleteInstance(FIRST, true));

        assertThat(events.stream().map(InstancesTest::word))
                .containsExactly("OFFLINE", "STARTING", "ONLINE", "OFFLINE", "removed");
    }

    @Test
    void anUnknownInstanceIsNotFound() {
        assertThatThrownBy(() -> ask(new RunInstance(FIRST))).hasMessageContaining("there is no instance s1/1000");
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
    void theSweepEndsGuestsThatNoInstanceRuns() throws IOException {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        var ours = new FakeHypervisor.FakeClaim(
                directory.resolve("1000"), hypervisor.only().pid());
        var stray = new FakeHypervisor.FakeClaim(directory.resolve("1000"), 4712);
        var orphan = new FakeHypervisor.FakeClaim(directory.resolve("1001"), 4713);
        hypervisor.claims.addAll(List.of(ours, stray, orphan));

        instances.sweep();

        assertThat(orphan.ended()).hasValue(1);
        Awaitility.await().until(() -> stray.ended().get() == 1);
        assertThat(ours.ended()).hasValue(0);
        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
    }

    @Test
    void theSweepLeavesAStartAlone() {
        hypervisor.slow = new CountDownLatch(1);
        instances.create(1000, SMALL);
        instances.ask(order(new RunInstance(FIRST)));
        Awaitility.await().until(() -> status() == InstanceStatus.STARTING);
        var fresh = new FakeHypervisor.FakeClaim(directory.resolve("1000"), 4712);
        hypervisor.claims.add(fresh);

        instances.sweep();
        ask(new DeleteInstance(FIRST, true)); // stands behind the sweep

        assertThat(fresh.ended()).hasValue(0);
    }

    @Test
    void theSweepRemovesWhatIsHalfMadeAndNotInTheMaking() throws IOException {
        Path leftover = Files.createDirectory(directory.resolve(".1007"));
        Files.writeString(leftover.resolve("disk"), "half");

        instances.sweep();

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aSweepBesideCreationsAndDeletionsTakesNothingAway() {
        NewInstance half = new NewInstance("micro", MemorySize.ofMebibytes(256), 1, List.of());
        List<CompletableFuture<?>> lanes = LongStream.range(0, 4)
                .<CompletableFuture<?>>mapToObj(lane -> CompletableFuture.runAsync(() -> {
                    for (long number = 1000 + lane; number < 1200; number += 4) {
                        InstanceId id = new InstanceId(new ControllerName("s1"), number);
                        instances.create(number, half);
                        ask(new RunInstance(id));
                        ask(new DeleteInstance(id, true));
                    }
                }))
                .toList();
        while (!lanes.stream().allMatch(CompletableFuture::isDone)) {
            instances.sweep();
        }

        lanes.forEach(one -> assertThat(one).isCompleted());
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void anInstanceWhoseDirectoryWasDeletedByHandIsGoneInEveryState() throws IOException {
        instances.create(1000, SMALL);
        instances.create(1001, SMALL);
        ask(new RunInstance(FIRST));
        DurableFile.deleteTree(directory.resolve("1000"));
        DurableFile.deleteTree(directory.resolve("1001"));

        instances.sweep();

        Awaitility.await().until(() -> instances.views().isEmpty());
        assertThat(hypervisor.running).isEmpty();
        assertThat(events.stream().map(InstancesTest::word))
                .filteredOn("removed"::equals)
                .hasSize(2);
        assertThat(instances.create(1002, SMALL).instance().sshPort()).isEqualTo(firstPort);
    }

    @Test
    void aRecordThatWasDeletedIsWrittenAgainWhileTheGuestRunsAndElseTheDiskIsKeptForPeople() throws IOException {
        instances.create(1000, SMALL);
        instances.create(1001, SMALL);
        ask(new RunInstance(FIRST));
        Files.delete(directory.resolve("1000/instance.json"));
        Files.delete(directory.resolve("1001/instance.json"));

        instances.sweep();

        Awaitility.await().until(() -> instances.views().size() == 1);
        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);
        Awaitility.await().until(() -> Files.exists(directory.resolve("1000/instance.json")));
        assertThat(directory.resolve("damaged-1001/disk")).exists();
    }

    @Test
    void nothingIsTakenForDeletedWhenTheWholeDirectoryWentAway() throws IOException {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        Path elsewhere = directory.resolveSibling(directory.getFileName() + "-elsewhere");
        Files.move(directory, elsewhere);
        Files.createDirectory(directory);

        instances.sweep();
        assertThatThrownBy(() -> ask(new RunInstance(FIRST))).hasMessageContaining("already online");

        assertThat(instances.views()).hasSize(1);
        assertThat(hypervisor.running).hasSize(1);
        Files.delete(directory);
        Files.move(elsewhere, directory);
    }

    @Test
    void aSilentQemuIsNotedUntilItAnswers() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        hypervisor.silence = Duration.ofSeconds(12);
        instances.sweep();
        Awaitility.await().until(() -> instances.views().getFirst().note().equals("QEMU does not answer (12 s)"));
        assertThat(status()).isEqualTo(InstanceStatus.ONLINE);

        hypervisor.silence = Duration.ZERO;
        instances.sweep();
        Awaitility.await().until(() -> instances.views().getFirst().note().isEmpty());
    }

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

    @Test
    void aTemplateIsWarmedForWhoeverWaitsAndForWhoeverDoesNot() {
        ControllerName s1 = new ControllerName("s1");
        MemorySize memory = MemorySize.ofMebibytes(128);

        CompletableFuture<Reply> patient = instances.warm(new WarmTemplate(s1, "micro", memory, 1, true));

        assertThat(instances.warm(new WarmTemplate(s1, "micro", memory, 1, false)))
                .isCompletedWithValue(new Reply.TemplateWarmed(s1, Outcome.BEGUN, 0, 0));
        assertThat(patient).isNotDone();
        hypervisor.warmed.complete(new Hypervisor.Warmed(4200, 1 << 20));
        assertThat(patient).isCompletedWithValue(new Reply.TemplateWarmed(s1, Outcome.MADE, 4200, 1 << 20));
        assertThatThrownBy(() -> instances.warm(new WarmTemplate(s1, "micro", MemorySize.ofMebibytes(64), 1, true)))
                .hasMessage("template micro needs at least 72 MiB, not 64 MiB");
    }

    @Test
    void whoDrainsCreatesNothingAlsoAfterARestartAndStillKnowsWhatItHasCreated() throws IOException {
        Reply first = instances.create(1000, SMALL);
        instances.drain(true);
        instances.drain(true);
        reopen();

        assertThat(instances.capacity().draining()).isTrue();
        assertThatThrownBy(() -> instances.warm(
                        new WarmTemplate(FIRST.controller(), "micro", MemorySize.ofMebibytes(128), 1, false)))
                .hasMessageContaining("controller s1 is draining");
        assertThat(instances.create(1000, SMALL)).as("asked again").isEqualTo(first);
        assertThatThrownBy(() -> instances.create(1001, SMALL))
                .hasMessage("controller s1 is draining: it takes no new instances; nothing was done");

        instances.drain(false);
        instances.drain(false);
        reopen();
        assertThat(instances.create(1001, SMALL)).isInstanceOf(Reply.InstanceCreated.class);
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

    private void reopen() throws IOException {
        instances = Instances.open(
                new Host(new ControllerName("s1"), "127.0.0.1", "127.0.0.1", 1024, 8),
                directory,
                hypervisor,
                this::template,
                new Ports("127.0.0.1", firstPort, PORTS),
                new Drain(directory.resolve("draining")),
                Clock.systemUTC());
        instances.listen(events::add);
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

    private Reply ask(Command.Addressed<?> request) {
        try {
            return instances.ask(order(request)).orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof CommandFailed expected ? expected : failed;
        }
    }

    private static Order order(Command.Addressed<?> request) {
        return new Order(request, "r1", Instant.now(), Instant.now().plusSeconds(60), false);
    }

    private InstanceStatus status() {
        return instances.views().getFirst().status();
    }

    private static String word(Event event) {
        return event instanceof Event.InstanceChanged changed
                ? changed.instance().status().name()
                : "removed";
    }

    private Template template(String name) {
        return new Template(
                name,
                "",
                new Template.Boot.Disk(),
                directory.resolve("template.img"),
                "raw",
                "cirros",
                MemorySize.ofMebibytes(72),
                true,
                "");
    }

    private Guest onlyGuest() {
        return hypervisor.running.values().iterator().next();
    }
}
