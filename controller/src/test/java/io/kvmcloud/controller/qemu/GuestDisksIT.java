package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real overlays, by qemu-img. */
class GuestDisksIT {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private Template template;
    private GuestSpec spec;

    @BeforeEach
    void makeTemplate() throws IOException {
        template = GuestBench.diskTemplate(directory);
        Files.write(template.disk(), new byte[1 << 20]);
        spec = GuestBench.spec(Files.createDirectory(directory.resolve("an, instance")), template, 0);
    }

    @Test
    void anOverlayIsAsLargeAsItsTemplateAndNamesItsFormat() {
        GuestDisks.make(spec, List.of(), UserData.NONE);
        assertThat(info())
                .contains(
                        "file format: qcow2",
                        "1 MiB (1048576 bytes)",
                        "backing file format: raw",
                        template.disk().toString());
        assertThat(spec.directory().resolve("seed.img")).exists();
        assertThat(spec.directory().resolve("user-data")).doesNotExist();
        GuestDisks.check(spec);
    }

    @ParameterizedTest
    @CsvSource({"4096, 4 GiB (4294967296 bytes)", "1, 1 MiB (1048576 bytes)"})
    void anOverlayIsAsLargeAsWasAskedForAndNeverSmallerThanItsTemplate(int mebibytes, String size) {
        GuestDisks.make(GuestBench.withDisk(spec, new DiskSize(mebibytes)), List.of(), UserData.NONE);
        assertThat(info()).contains(size);
    }

    @Test
    void theSecondOverlayOfASizeIsTheFirstByteForByteAndOnAnotherDiskThereIsAnother() throws Exception {
        Path first = overlay("first", spec.disk());
        Path second = overlay("second", spec.disk());
        assertThat(second).hasSameBinaryContentAs(first);
        assertThat(info(overlay("larger", new DiskSize(4096)))).contains("4 GiB (4294967296 bytes)");
        Files.write(template.disk(), new byte[2 << 20]);
        assertThat(info(overlay("other", spec.disk()))).contains("2 MiB (2097152 bytes)");
        assertThat(ExternalProgram.run(List.of("qemu-img", "check", second.toString()), LIMIT)
                        .exitCode())
                .isZero();
    }

    private Path overlay(String name, DiskSize size) throws IOException {
        Path file = directory.resolve(name);
        Overlay.make(GuestBench.withDisk(spec, size), file);
        return file;
    }

    @Test
    void whatMayHoldSecretsIsForOurUserAlone() throws Exception {
        GuestDisks.make(spec, List.of(), new UserData("#!/bin/sh\n"));
        for (String file : List.of("seed.img", "user-data")) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(spec.directory().resolve(file))))
                    .as(file)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aTemplateWithoutASeedGetsNone() {
        Template seedless = new Template(
                "empty", "", template.boot(), template.disk(), "raw", "", template.minimumMemory(), false, "");
        GuestDisks.make(GuestBench.spec(spec.directory(), seedless, 0), List.of(), UserData.NONE);
        assertThat(spec.directory().resolve("seed.img")).doesNotExist();
    }

    @Test
    void aCopyOfTheSameContentIsAsGoodWhenChecksumsSaySo() throws Exception {
        GuestDisks.make(GuestBench.spec(spec.directory(), summed(template.disk(), "ab"), 0), List.of(), UserData.NONE);
        Path moved = Files.move(template.disk(), directory.resolve("moved.img"));
        GuestDisks.check(GuestBench.spec(spec.directory(), summed(moved, "ab"), 0));
        assertThatThrownBy(() -> GuestDisks.check(GuestBench.spec(spec.directory(), summed(moved, "cd"), 0)))
                .hasMessageContaining("has changed");
    }

    @Test
    void anImageThatIsNotWhatItIsSaidToBeLeavesNothingBehind() {
        Template lying = new Template(
                "empty", "", template.boot(), template.disk(), "qcow2", "", template.minimumMemory(), true, "");
        assertThatThrownBy(() -> GuestDisks.make(GuestBench.spec(spec.directory(), lying, 0), List.of(), UserData.NONE))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("the disk of s2/2000 cannot be made")
                .hasMessageContaining("not in qcow2 format");
        assertThat(spec.directory()).isEmptyDirectory();
    }

    @Test
    void tooLittleRoomIsToldWithNumbers() {
        assertThatThrownBy(() -> GuestDisks.make(spec, List.of(), UserData.NONE, Long.MAX_VALUE))
                .isInstanceOfSatisfying(CommandFailed.class, this::assertFull);
        assertThat(spec.directory()).isEmptyDirectory();
    }

    @Test
    void aDiskThatFillsUpOnTheWayIsToldTheSameAndLeavesNothingBehind() throws Exception {
        Path small = Files.createDirectory(directory.resolve("small"));
        ExternalProgram.Ended mounted = ExternalProgram.run(
                List.of("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", small.toString()), LIMIT);
        assumeTrue(mounted.exitCode() == 0, "only root may mount a small disk; the test above does without");
        try {
            GuestSpec there = GuestBench.spec(small, template, 0);
            assertThatThrownBy(() -> GuestDisks.make(there, List.of(), UserData.NONE, 0))
                    .isInstanceOfSatisfying(CommandFailed.class, this::assertFull);
            try (Stream<Path> left = Files.list(small)) {
                assertThat(left).isEmpty();
            }
        } finally {
            ExternalProgram.run(List.of("umount", small.toString()), LIMIT);
        }
    }

    private String info() {
        return info(spec.directory().resolve("disk.qcow2"));
    }

    private static String info(Path overlay) {
        return ExternalProgram.run(List.of("qemu-img", "info", overlay.toString()), LIMIT)
                .output();
    }

    private void assertFull(CommandFailed failed) {
        assertThat(failed.failure().reason()).isEqualTo(Reason.FAILED);
        assertThat(failed.failure().message())
                .matches("the disk is full: .* has \\d+ KiB left, a new instance needs \\d+ KiB");
        assertThat(failed.failure().hint()).contains("kvm-cloud delete");
    }

    private Template summed(Path disk, String pair) {
        return new Template(
                "empty", "", template.boot(), disk, "raw", "", template.minimumMemory(), true, pair.repeat(32));
    }
}
