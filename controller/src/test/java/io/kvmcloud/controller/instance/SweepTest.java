package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What happened while nobody asked is found and put in order. */
class SweepTest extends OneHost {

    @Test
    void theSweepSeesWhatSomebodyDidAtTheMonitor() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));

        onlyGuest().pause();
        instances.sweep();

        Awaitility.await().until(() -> status() == InstanceStatus.PAUSED);
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
    void theLogOfARunningGuestIsTrimmed() {
        instances.create(1000, SMALL);
        ask(new RunInstance(FIRST));
        instances.sweep();
        Awaitility.await().until(() -> hypervisor.only().trimmed.get() > 0);
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
}
