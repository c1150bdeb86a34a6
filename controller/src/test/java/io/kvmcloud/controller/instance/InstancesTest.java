package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstancesTest {

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
        firstPort = firstOfSomeFreePorts();
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
    void creatingUnderTheSameNumberAgainFindsTheFirstOne() {
        InstanceView first = instances.create(1000, SMALL).instance();
        InstanceView second = instances.create(1000, SMALL).instance();

        assertThat(second).isEqualTo(first);
        assertThat(instances.views()).hasSize(1);
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
    void aStopIsAnsweredWhenTheGuestIsDown() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        ask(new StopInstance(FIRST, 30));

        assertThat(status()).isEqualTo(InstanceStatus.OFFLINE);
        assertThat(instances.views().getFirst().note()).isEqualTo("the guest powered off");
    }

    @Test
    void aGuestThatDoesNotListenIsAskedAgainAndStaysOnlineAfterTheDeadline() {
        hypervisor.obedient = false;
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        assertThatThrownBy(() -> ask(new StopInstance(FIRST, 3)))
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
        var stop = instances.ask(new StopInstance(FIRST, 300));
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

    private void reopen() throws IOException {
        instances = Instances.open(
                new Host(new ControllerName("s1"), "127.0.0.1", "127.0.0.1", 1024, 8),
                directory,
                hypervisor,
                InstancesTest::template,
                new Ports("127.0.0.1", firstPort, 20),
                Clock.systemUTC());
        instances.listen(events::add);
    }

    private Reply ask(Command.Addressed<?> request) {
        try {
            return instances.ask(request).orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof CommandFailed expected ? expected : failed;
        }
    }

    private InstanceStatus status() {
        return instances.views().getFirst().status();
    }

    private static String word(Event event) {
        return event instanceof Event.InstanceChanged changed
                ? changed.instance().status().name()
                : "removed";
    }

    private static Template template(String name) {
        return new Template(
                name,
                "",
                new Template.Boot.Disk(),
                Path.of("/nowhere"),
                "raw",
                "cirros",
                MemorySize.ofMebibytes(72),
                true,
                "");
    }

    /** Somewhere the system hands out ports, so that tests side by side do not meet. */
    private static int firstOfSomeFreePorts() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return Math.min(any.getLocalPort(), 65_000);
        }
    }
}
