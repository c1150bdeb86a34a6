package io.kvmcloud.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Finding.Severity;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {

    private static final long MIB = 1 << 20;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"63, FAIL", "64, WARN", "1023, WARN", "1024, OK"})
    void aDiskIsJudgedByWhatIsFree(long mebibytes, Severity severity) {
        Finding finding = new DiskCheck(directory).judge(mebibytes * MIB, 20_480 * MIB);

        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.what()).endsWith(" free of 20.0 GiB in " + directory);
        assertThat(finding.fix().isEmpty()).isEqualTo(severity == Severity.OK);
    }

    @Test
    void theDiskOfADirectoryThatIsNotThereYetIsThatOfItsParent() {
        assertThat(new DiskCheck(directory.resolve("a/b")).findings())
                .singleElement()
                .extracting(Finding::what)
                .asString()
                .doesNotContain("free of 0 MiB");
    }

    @ParameterizedTest
    @CsvSource({"65535, FAIL", "65536, WARN", "262143, WARN", "262144, OK"})
    void memoryIsJudgedByWhatIsAvailable(long kibibytes, Severity severity) throws IOException {
        assertThat(memory(kibibytes, 0)).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(severity);
            assertThat(finding.what()).isEqualTo(kibibytes / 1024 + " MiB available of 4096");
        });
    }

    @Test
    void moreMemoryPromisedThanThereIsIsAWarning() throws IOException {
        assertThat(memory(2_000_000, 4096)).hasSize(1);
        assertThat(memory(2_000_000, 4097).getLast()).satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARN);
            assertThat(finding.what()).contains("4097 MiB together, more than the 4096");
            assertThat(finding.fix()).contains("--memory");
        });
    }

    @Test
    void withoutTheDeviceKvmIsNotUsableAndTheFixDependsOnTheProcessor() throws IOException {
        Path none = directory.resolve("kvm");
        Path able = Files.writeString(directory.resolve("able"), "flags\t\t: fpu vmx ssse3\n");
        Path unable = Files.writeString(directory.resolve("unable"), "flags\t\t: fpu vmxnet ssse3\n");

        assertThat(new KvmCheck(none, able).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARN);
            assertThat(finding.what()).startsWith("no KVM: there is no " + none + "; guests are");
            assertThat(finding.fix()).contains("modprobe");
        });
        assertThat(new KvmCheck(none, unable).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.what()).contains("no virtualisation in this processor");
            assertThat(finding.fix()).contains("firmware");
        });
        assertThat(new KvmCheck(able, able).obstacle()).isEmpty();
        assertThat(new KvmCheck(able, able).fix()).contains("ask whoever runs that");
    }

    @Test
    void aProgramIsLookedForWhereProgramsAre() throws IOException {
        Path qemu = Files.createFile(directory.resolve("qemu"));
        ProgramCheck check = new ProgramCheck("qemu", "qemu", "/nowhere:" + directory, "guests need it", "install it");

        assertThat(check.findings()).singleElement().satisfies(missing -> {
            assertThat(missing.severity()).isEqualTo(Severity.WARN);
            assertThat(missing.what()).isEqualTo("there is no qemu in PATH: guests need it");
            assertThat(missing.fix()).isEqualTo("install it");
        });
        assertThat(qemu.toFile().setExecutable(true)).isTrue();
        assertThat(check.findings()).containsExactly(Finding.ok("qemu", "qemu is " + qemu));
    }

    @Test
    void whatCannotBeLookedAtIsAFindingAndTheOthersAreStillLookedAt() {
        Check refusing = Check.of("first", _ -> {
            throw new CommandFailed(Reason.FAILED, "it does not work", "repair it");
        });
        Check broken = Check.of("second", _ -> {
            throw new IllegalStateException("a defect");
        });

        assertThat(Check.all(List.of(refusing, broken, Check.of("third", name -> List.of(Finding.ok(name, "good"))))))
                .containsExactly(
                        Finding.fail("first", "it does not work", "repair it"),
                        Finding.fail(
                                "second",
                                "cannot be looked at: java.lang.IllegalStateException: a defect",
                                "please report it"),
                        Finding.ok("third", "good"));
    }

    private List<Finding> memory(long available, long promised) throws IOException {
        Path meminfo = Files.writeString(
                directory.resolve("meminfo"),
                "MemTotal:        4194304 kB\nMemFree:            1000 kB\nMemAvailable:    " + available + " kB\n");
        return new MemoryCheck(meminfo, promised).findings();
    }
}
