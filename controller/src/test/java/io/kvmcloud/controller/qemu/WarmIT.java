package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.instance.Guest;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Forward.Protocol;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a real guest. */
class WarmIT {

    private static final Accelerator TCG = new Accelerator(Accelerator.Kind.TCG, "a test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static Template micro;
    /** A warm state that is as good as new: each test takes a copy of it, and may do with that what it likes. */
    private static Path made;

    @TempDir
    private Path directory;

    private GuestBench bench;
    private WarmStates warm;
    private Qemu qemu;
    private Path state;
    private SshLogin login;

    @BeforeAll
    static void theFirstGuestBootsAndLeavesAStateForTheNext(@TempDir Path directory) throws Exception {
        micro = GuestBench.built("micro");
        made = directory.resolve("warm/micro-96M-1");
        try (GuestBench bench = new GuestBench(directory);
                WarmStates warm = WarmStates.open(directory.resolve("warm"), 1L << 30, TCG)) {
            assertCold(start(new Qemu(TCG, warm), bench.prepared(micro)), "no warm state yet");
            await().atMost(PATIENCE).until(() -> Files.exists(made.resolve("shape.json")));
        }
    }

    @BeforeEach
    void openCache() throws IOException {
        bench = new GuestBench(directory);
        openWarm(1L << 30);
        state = directory.resolve("warm/micro-96M-1/shape.json");
        login = SshLogin.make(directory);
    }

    private void openWarm(long limit) throws IOException {
        warm = WarmStates.open(directory.resolve("warm"), limit, TCG);
        qemu = new Qemu(TCG, warm);
    }

    @AfterEach
    void endGuests() {
        warm.close();
        bench.close();
    }

    @Test
    void twentyCopiesStartedAtOnceAreTwentyMachinesThatLetTheirOwnerIn() throws Exception {
        takeWarm();
        List<GuestSpec> specs = new ArrayList<>();
        for (int i = 0; i < 19; i++) {
            specs.add(bench.prepared(micro, List.of(login.publicKey())));
        }
        GuestSpec large = bench.prepared(micro, List.of(login.publicKey()), "web-1", new DiskSize(4096));
        specs.add(large);
        List<Future<SshLogin.Machine>> looks = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            specs.forEach(spec -> looks.add(threads.submit(() -> lookAtCopy(spec))));
        }
        List<SshLogin.Machine> machines = looks.stream().map(Future::resultNow).toList();
        assertDifferent(machines, SshLogin.Machine::hostname);
        assertDifferent(machines, SshLogin.Machine::machineId);
        assertDifferent(machines, SshLogin.Machine::mac);
        assertDifferent(machines, SshLogin.Machine::hostKey);
        assertDifferent(machines, SshLogin.Machine::random);
        await().atMost(PATIENCE).until(() -> mebibytesOfRoot(large) > 3800);
        assertThat(mebibytesOfRoot(specs.getFirst())).isLessThan(64);
    }

    private SshLogin.Machine lookAtCopy(GuestSpec spec) throws Exception {
        startCopy(spec);
        Instant before = Instant.now();
        SshLogin.Machine machine = login.look(spec);
        assertThat(machine.hostname()).isEqualTo(spec.hostname());
        assertThat(machine.machineId()).isEqualTo(spec.uuid().toString().replace("-", ""));
        assertThat(machine.mac()).isEqualTo(QemuCommandLine.mac(spec.uuid()));
        assertThat(machine.clock())
                .isBetween(
                        before.minusSeconds(1).truncatedTo(ChronoUnit.SECONDS),
                        Instant.now().plusSeconds(1));
        return machine;
    }

    @Test
    void whatACopyWritesStaysItsOwnThroughRebootsAndWithoutTheCache() throws Exception {
        takeWarm();
        Path disk = state.resolveSibling("disk.qcow2");
        Path memory = state.resolveSibling("memory");
        byte[] before = Files.readAllBytes(disk);
        long memoryBefore = checksum(memory);
        Forward second = new Forward(FreePorts.take(), 22, Protocol.TCP);
        GuestSpec writer = copied(largest("#!/bin/sh\necho run by $(id -u) >>/root/runs\n#"), List.of(second));
        GuestBench.awaitBanner(second.host());
        GuestSpec sister = copied();
        await().atMost(PATIENCE)
                .until(() -> login.in(writer, "cat /root/runs || true").equals("run by 0"));
        login.in(writer, "echo mine >/root/letter; dd if=/dev/urandom of=/root/noise bs=1M count=4; sync");
        assertThat(login.in(sister, "ls /root")).isEmpty();
        assertThat(Files.readAllBytes(disk)).isEqualTo(before);
        assertThat(checksum(memory)).isEqualTo(memoryBefore);
        SshLogin.Machine machine = login.look(writer);

        DurableFile.deleteTree(directory.resolve("warm"));
        String oldBoot = login.in(writer, "cat /proc/sys/kernel/random/boot_id; sync");
        login.reboot(writer);
        await().atMost(PATIENCE)
                .ignoreException(AssertionError.class)
                .until(() ->
                        !login.in(writer, "cat /proc/sys/kernel/random/boot_id").equals(oldBoot));
        assertThat(login.in(writer, "cat /root/letter")).isEqualTo("mine");
        login.in(writer, "sync");
        GuestBench.adopt(writer).orElseThrow().kill();

        Guest again = qemu.start(writer);
        assertThat(again.boot().kind()).isEqualTo("cold");
        GuestBench.awaitBanner(writer.sshPort());
        assertThat(login.in(writer, "cat /root/letter /root/runs")).isEqualTo("mine\nrun by 0");
        SshLogin.Machine later = login.look(writer);
        assertThat(later.hostKey()).isEqualTo(machine.hostKey());
        assertThat(later.machineId()).isEqualTo(machine.machineId());
        assertThat(later.hostname()).isEqualTo(machine.hostname());
        assertThat(later.mac()).isEqualTo(machine.mac());
    }

    @Test
    void aControllerThatIsKilledIsFollowedByOneThatAdoptsItsCopies() throws Exception {
        takeWarm();
        GuestSpec spec = copied();
        BootReport boot = GuestBench.adopt(spec).orElseThrow().boot();
        assertThat(boot.wasWarm()).isTrue();

        // As if it had died between the copy and its identity.
        Files.write(new GuestFiles(spec.directory()).unused(), new byte[0]);
        assertThat(GuestBench.adopt(spec)).isEmpty();
        qemu.reap(spec.directory());
        assertThat(qemu.start(spec).boot().wasWarm()).isTrue();
        GuestBench.awaitBanner(spec.sshPort());
        assertThat(login.in(spec, "hostname")).isEqualTo(spec.hostname());
    }

    @Test
    void aPreparationWhoseQemuOrControllerIsKilledLeavesTheOldStateOrNone() throws Exception {
        Path workplace = directory.resolve("warm/.new");
        start(qemu, bench.prepared(micro));
        GuestBench.signal("KILL", preparing(workplace).pid());
        await().atMost(PATIENCE).until(() -> !Files.exists(workplace));
        assertThat(state).doesNotExist();

        takeWarm();
        WarmShape shape = WarmShape.read(state);
        byte[] old = with(shape, "QEMU emulator version 0.9.1", shape.digest(), shape.machine())
                .json();
        Files.write(state, old);
        warm.close();
        Process controller = DyingController.of(bench.prepared(micro), directory.resolve("warm"));
        GuestProcess orphan = preparing(workplace);
        controller.destroyForcibly().onExit().join();
        assertThat(orphan.alive()).isTrue();

        openWarm(1L << 30); // the next controller's
        assertThat(orphan.alive()).isFalse();
        assertThat(workplace).doesNotExist();
        assertThat(state).hasBinaryContent(old);
        for (String file : List.of("memory", "state", "disk.qcow2")) {
            assertThat(checksum(state.resolveSibling(file))).isEqualTo(checksum(made.resolve(file)));
        }
        assertCold(start(qemu, bench.prepared(micro)), "warm state was made by QEMU 0.9.1, this is QEMU ");
    }

    @Test
    void theStateThatWasNotUsedForLongestMakesRoomForANewOne() throws Exception {
        Path longUnused = keep("micro-97M-1", Duration.ofHours(2));
        Path usedSince = keep("micro-98M-1", Duration.ofHours(1));
        warm.close();
        openWarm(new WarmState(made).bytes() * 5 / 2);
        assertCold(start(qemu, bench.prepared(micro)), "no warm state yet");
        await().atMost(PATIENCE).until(() -> Files.exists(state));
        assertThat(longUnused).doesNotExist();
        assertThat(usedSince).exists();
    }

    /** A state of another shape, used so long ago. */
    private Path keep(String name, Duration ago) throws IOException {
        takeWarm();
        Path kept = Files.move(state.getParent(), directory.resolve("warm").resolve(name));
        Files.setLastModifiedTime(
                new WarmState(kept).shape(), FileTime.from(Instant.now().minus(ago)));
        return kept;
    }

    @Test
    void whatDoesNotFitIsNotUsedAndTheReasonIsTold() throws Exception {
        takeWarm();
        WarmShape shape = WarmShape.read(state);
        Files.write(
                state,
                with(shape, "QEMU emulator version 0.9.1", shape.digest(), shape.machine())
                        .json());
        assertNone("warm state was made by QEMU 0.9.1, this is QEMU ");
        Files.write(state, with(shape, shape.qemu(), "another", shape.machine()).json());
        assertNone("the template has changed since the warm state was made");
        Files.write(state, with(shape, shape.qemu(), shape.digest(), "another").json());
        assertNone("warm state is of another kind of machine");
        Files.writeString(state, "{");
        assertNone("the warm state cannot be read");
        Files.write(state, shape.json());
        Files.writeString(state.resolveSibling("takes"), "ready 2.50 host-key-dropbear");
        assertThat(warm.take(bench.prepared(micro, List.of(), new UserData("#!/bin/sh\n"), List.of())))
                .isEqualTo(new WarmStates.None("user-data is read while booting"));
        Files.delete(state.resolveSibling("disk.qcow2"));
        assertNone("the warm state cannot be read");
        DurableFile.deleteTree(directory.resolve("warm"));
        assertCold(start(qemu, bench.prepared(micro)), "no warm state yet");
        await().atMost(PATIENCE).until(() -> Files.exists(state));
        copied();
    }

    @Test
    void aCopyThatDiesOrHangsBootsInsteadAndItsStateIsRemoved() throws Exception {
        takeWarm();
        Path memory = state.resolveSibling("memory");
        try (FileChannel kept = FileChannel.open(memory, StandardOpenOption.WRITE)) {
            kept.write(ByteBuffer.allocate(16 << 20), 16 << 20); // the state loads, and the kernel's code is gone
        }
        GuestSpec spec = bench.prepared(micro);
        assertCold(start(qemu, spec), "its copy failed: s1/1000 did not start: the ");
        assertThat(state).doesNotExist();
        GuestBench.awaitBanner(spec.sshPort());

        await().atMost(PATIENCE).until(() -> Files.exists(state));
        Files.write(state.resolveSibling("state"), new byte[] {1, 2, 3});
        assertCold(
                start(qemu, bench.prepared(micro)),
                "its copy failed: QEMU died while starting s1/1001: qemu-system-x86_64: ");
        assertThat(state).doesNotExist();
    }

    private void assertNone(String why) throws IOException {
        assertThat(warm.take(bench.prepared(micro)))
                .isInstanceOfSatisfying(
                        WarmStates.None.class, none -> assertThat(none.why()).startsWith(why));
    }

    private void takeWarm() {
        ExternalProgram.Ended copied = ExternalProgram.run(
                List.of("cp", "-a", made.toString(), directory.resolve("warm").toString()), PATIENCE);
        assertThat(copied.exitCode()).as(copied.output()).isZero();
    }

    private GuestSpec copied() throws Exception {
        return copied(UserData.NONE, List.of());
    }

    private GuestSpec copied(UserData userData, List<Forward> forwards) throws Exception {
        return copied(bench.prepared(micro, List.of(login.publicKey()), userData, forwards));
    }

    private GuestSpec copied(GuestSpec spec) throws Exception {
        startCopy(spec);
        GuestBench.awaitBanner(spec.sshPort());
        return spec;
    }

    /** How large its root file system is. */
    private int mebibytesOfRoot(GuestSpec spec) {
        return Integer.parseInt(login.in(spec, "df -m / | awk 'END { print $2 }'"));
    }

    private static UserData largest(String begun) {
        return new UserData(begun + "x".repeat(UserData.MOST_BYTES - begun.length()));
    }

    private void startCopy(GuestSpec spec) throws Exception {
        BootReport boot = start(qemu, spec);
        assertThat(boot.wasWarm()).as(boot.toString()).isTrue();
    }

    private static void assertCold(BootReport boot, String note) {
        assertThat(boot.kind()).isEqualTo("cold");
        assertThat(boot.note()).startsWith(note);
    }

    private static BootReport start(Qemu qemu, GuestSpec spec) throws Exception {
        Guest guest = qemu.start(spec);
        guest.release();
        return guest.boot();
    }

    private static GuestProcess preparing(Path workplace) {
        GuestFiles files = new GuestFiles(workplace);
        await().atMost(PATIENCE)
                .until(() ->
                        GuestRecord.read(files).flatMap(GuestRecord::process).isPresent());
        return GuestRecord.read(files).flatMap(GuestRecord::process).orElseThrow();
    }

    private static WarmShape with(WarmShape shape, String qemu, String digest, String machine) {
        return new WarmShape(
                shape.template(),
                shape.memory(),
                shape.cpus(),
                qemu,
                shape.accelerator(),
                shape.processor(),
                digest,
                machine);
    }

    private static long checksum(Path file) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(Files.readAllBytes(file));
        return sum.getValue();
    }

    private static void assertDifferent(List<SshLogin.Machine> machines, Function<SshLogin.Machine, String> what) {
        assertThat(machines).extracting(what).doesNotHaveDuplicates().doesNotContain("");
    }
}
