package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.instance.Guest;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.template.Template;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller dies, its guests do not. */
class AdoptionIT {

    @TempDir
    private Path directory;

    private GuestBench bench;
    private Template empty;

    @BeforeEach
    void makeBench() throws IOException {
        bench = new GuestBench(directory);
        empty = GuestBench.diskTemplate(directory);
        Files.write(empty.disk(), new byte[1 << 20]);
    }

    @AfterEach
    void endGuests() {
        bench.close();
    }

    @Test
    void aGuestOfAControllerThatIsKilledBootsOnAndIsAdopted() throws Exception {
        GuestSpec spec = bench.prepared(GuestBench.built("micro"));
        Process controller = DyingController.of(spec);
        long pid;
        try (BufferedReader says = controller.inputReader()) {
            pid = Long.parseLong(says.readLine());
        } finally {
            controller.destroyForcibly().onExit().join();
        }
        GuestProcess process = GuestBench.process(pid);
        assertThat(Files.readString(Path.of("/proc/" + pid + "/stat"))
                        .replaceAll(".*\\) ", "")
                        .split(" ")[3])
                .as("its own session, so that Ctrl-C in the controller's terminal does not reach it")
                .isEqualTo(String.valueOf(pid));

        GuestBench.awaitBanner(spec.sshPort());
        Guest guest = GuestBench.adopt(spec).orElseThrow();
        assertThat(guest.pid()).isEqualTo(pid);
        assertThat(guest.sshPort()).isEqualTo(spec.sshPort());
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    guest.powerdown();
                    return !process.alive();
                });
        assertThat(guest.ended().get(1, TimeUnit.SECONDS)).isEqualTo("the guest powered itself off");
        assertThat(GuestBench.adopt(spec)).isEmpty();
    }

    @Test
    void aReleasedGuestIsAdoptedByTheNextLifeAndOnlyThat() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest before = GuestBench.QEMU.start(spec);
        before.release();
        Guest after = GuestBench.adopt(spec).orElseThrow();
        after.kill();
        assertThat(after.ended().get(1, TimeUnit.SECONDS)).isEqualTo("killed");
        assertThat(before.ended()).isNotDone();
    }

    @Test
    void aGuestIsFoundWhenTheControllerDiedBeforeItWroteTheRecord() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest before = GuestBench.QEMU.start(spec);
        before.release();
        GuestRecord.starting(spec.uuid(), spec.sshPort()).write(new GuestFiles(spec.directory()));
        Files.delete(spec.directory().resolve("pid"));
        assertThat(GuestBench.adopt(spec).orElseThrow().pid()).isEqualTo(before.pid());
        assertThat(GuestRecord.read(new GuestFiles(spec.directory()))
                        .orElseThrow()
                        .pid())
                .isEqualTo(before.pid());
    }

    @Test
    void aGuestWhoseRecordIsLostIsFoundByQemusPidFile() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest before = GuestBench.QEMU.start(spec);
        before.release();
        Files.delete(spec.directory().resolve("guest.json"));
        assertThat(GuestBench.adopt(spec).orElseThrow().pid()).isEqualTo(before.pid());
    }

    @Test
    void aStoppedQemuIsAdoptedWithinTwoSecondsAndObeysWhenItGoesOn() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest before = GuestBench.QEMU.start(spec);
        GuestProcess process = GuestBench.process(before.pid());
        GuestBench.signal("STOP", before.pid());
        before.release();
        // Several lives in a row: the queue of clients of a stopped QEMU fills up.
        for (int i = 0; i < 3; i++) {
            adoptInTime(spec).release();
        }
        QemuGuest last = (QemuGuest) adoptInTime(spec);
        GuestBench.signal("CONT", before.pid());
        await().atMost(Duration.ofSeconds(10)).until(last::hasMonitor);
        last.kill();
        assertThat(process.alive()).isFalse();
        assertThat(last.ended().get(1, TimeUnit.SECONDS)).isEqualTo("killed");
    }

    @Test
    void aGuestWhoseDirectoryWasDeletedIsFoundAmongAllProcessesAndEnded() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest guest = GuestBench.QEMU.start(spec);
        GuestProcess process = GuestBench.process(guest.pid());
        DurableFile.deleteTree(spec.directory());
        Path root = Objects.requireNonNull(spec.directory().getParent());

        assertThat(GuestBench.QEMU.claims(spec.directory())).isEmpty();
        assertThat(GuestBench.QEMU.claims(root)).singleElement().satisfies(claim -> {
            assertThat(claim.directory()).isEqualTo(spec.directory());
            assertThat(claim.pid()).isEqualTo(guest.pid());
            claim.end();
        });

        assertThat(process.alive()).isFalse();
        assertThat(GuestBench.QEMU.claims(root)).isEmpty();
    }

    @Test
    void whatAGuestLeavesBesideItsDiskAndItsLogsIsRemovedWithIt() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest guest = GuestBench.QEMU.start(spec);
        GuestBench.signal("KILL", guest.pid());
        guest.ended().get(10, TimeUnit.SECONDS);

        GuestBench.QEMU.reap(spec.directory());

        try (var left = Files.list(spec.directory())) {
            assertThat(left.map(each -> each.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "disk.qcow2", "seed.img", "backing.json", "authorized_keys", "qemu.log", "serial.log");
        }
    }

    @Test
    void aStoppedQemuIsReaped() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest guest = GuestBench.QEMU.start(spec);
        GuestProcess process = GuestBench.process(guest.pid());
        GuestBench.signal("STOP", guest.pid());
        GuestBench.QEMU.reap(spec.directory());
        assertThat(process.alive()).isFalse();
        assertThat(guest.ended().get(1, TimeUnit.SECONDS)).contains("died without a word");
    }

    @Test
    void aGuestOfAnotherUuidIsNotOurs() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Guest guest = GuestBench.QEMU.start(spec);
        GuestSpec other = new GuestSpec(
                spec.id(),
                UUID.randomUUID(),
                spec.directory(),
                empty,
                spec.memory(),
                spec.cpus(),
                spec.bindAddress(),
                spec.sshPort());
        assertThat(GuestBench.adopt(other)).isEmpty();
        assertThat(guest.ended()).isNotDone();
    }

    @Test
    void aStrangerWithARecordedProcessIdIsNeitherAdoptedNorEnded() throws Exception {
        GuestSpec spec = bench.prepared(empty);
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            GuestProcess process = GuestBench.process(stranger.pid());
            GuestRecord.of(process, spec.uuid(), spec.sshPort()).write(new GuestFiles(spec.directory()));
            assertThat(GuestBench.adopt(spec)).isEqualTo(Optional.empty());
            GuestBench.QEMU.reap(spec.directory());
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    private static Guest adoptInTime(GuestSpec spec) {
        long start = System.nanoTime();
        Guest adopted = GuestBench.adopt(spec).orElseThrow();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        return adopted;
    }
}
