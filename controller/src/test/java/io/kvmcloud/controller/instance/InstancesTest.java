package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.DiskSize;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Instances come, are counted, outlive their controller and go. */
class InstancesTest extends OneHost {

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
    void deletingRemovesFilesAndFreesThePort() {
        instances.create(1000, SMALL);

        ask(new DeleteInstance(FIRST, false));

        assertThat(directory).isEmptyDirectory();
        assertThat(instances.views()).isEmpty();
        assertThat(instances.create(1001, SMALL).instance().sshPort()).isEqualTo(firstPort);
    }

    @Test
    void theLowestPortThatIsFreeIsLeasedNextAndNoStrangers() throws IOException {
        LongStream.range(1000, 1003).forEach(number -> instances.create(number, SMALL));
        ask(new DeleteInstance(InstanceId.parse("s1/1001"), false));

        assertThat(instances.create(1003, SMALL).instance().sshPort()).isEqualTo(firstPort + 1);
        try (var stranger = new ServerSocket(firstPort + 3, 1, InetAddress.getLoopbackAddress())) {
            assertThat(instances.create(1004, SMALL).instance().sshPort()).isEqualTo(stranger.getLocalPort() + 1);
        }
        assertThat(instances.create(1005, SMALL).instance().sshPort()).isEqualTo(firstPort + 3);
    }

    @Test
    void whatInstancesHaveIsCountedAlsoInTheNextLifeAndUntilTheyAreDeleted() throws IOException {
        instances.create(1000, SMALL.named("web"));
        instances.create(1001, SMALL);
        instances.close();
        reopen();

        assertThat(instances.capacity().memoryUsedMebibytes()).isEqualTo(256);
        assertThatThrownBy(() -> instances.create(1002, SMALL.named("web"))).hasMessageContaining("s1/1000 has it");
        ask(new DeleteInstance(FIRST, false));
        assertThat(instances.capacity().memoryUsedMebibytes()).isEqualTo(128);
        assertThat(instances.capacity().cpusUsed()).isEqualTo(1);
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
        NewInstance web = SMALL.named("web");
        hypervisor.diskFull = true;

        assertThatThrownBy(() -> instances.create(1000, web)).hasMessage("disk full");

        assertThat(directory).isEmptyDirectory();
        assertThat(instances.capacity().memoryUsedMebibytes()).isZero();
        hypervisor.diskFull = false;
        assertThat(instances.create(1001, web).instance().sshPort()).isEqualTo(firstPort);
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
}
