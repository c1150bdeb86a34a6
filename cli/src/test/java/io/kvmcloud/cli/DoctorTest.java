package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.ExamineCloud;
import io.kvmcloud.messages.Command.ExamineHost;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void warningsAreNoFailure() {
        Typed typed = doctor();

        assertThat(typed.exit()).isZero();
        assertThat(typed.out()).contains("warn  cloud dead letters: 2 messages\n      fix: `kvm-cloud dead-letters`");
        assertThat(typed.err()).isEqualTo("13 findings: 0 FAIL, 2 warn\n");
    }

    @Test
    void aClockThatIsSecondsAheadIsAWarning() {
        cloud.clock = () -> Instant.now().plusSeconds(12);

        Typed typed = doctor();

        assertThat(typed.exit()).isZero();
        assertThat(typed.out())
                .containsPattern("warn  m1 clock: 1[12]\\.\\d s ahead of this machine's: ")
                .containsPattern("warn  s1 clock: 1[12]\\.\\d s ahead of this machine's: .*\n      fix: `timedatectl");
    }

    @Test
    void aClockThatIsAMinuteBehindIsAFailure() {
        cloud.clock = () -> Instant.now().minusSeconds(61);

        Typed typed = doctor();

        assertThat(typed.exit()).isEqualTo(1);
        assertThat(typed.out()).containsPattern("FAIL  s1 clock: 6[01]\\.\\d s behind this machine's: ");
    }

    @Test
    void anotherReleaseIsAWarningThatNamesBoth() {
        cloud.version = "0.0.9";

        assertThat(doctor().out())
                .containsPattern("warn  m1 version: 0\\.0\\.9, this command line is \\S+\n")
                .containsPattern("warn  s1 version: 0\\.0\\.9, this command line is \\S+\n");
    }

    @Test
    void withoutAManagerThisMachineIsLookedAtInstead() {
        cloud.failure = new Failure(Reason.UNREACHABLE, "no manager is running", "`kvm-cloud up` starts one");

        Typed typed = doctor();

        assertThat(typed.exit()).isEqualTo(1);
        assertThat(typed.out())
                .contains("FAIL  cloud manager: no manager is running\n      fix: `kvm-cloud up` starts one\n")
                .containsPattern("here memory: \\d+ MiB available of \\d+\n")
                .contains("warn  here qemu: there is no qemu-system-x86_64 in PATH: no controller can run here\n")
                .contains("here accelerator: ");
    }

    @Test
    void aManagerThatHangsIsToldFromOneThatIsNotThere() {
        cloud.failure = new Failure(Reason.TIMED_OUT, "no answer in time", "try again");

        assertThat(doctor().out())
                .contains("FAIL  cloud manager: one is connected and has not answered for 10 s\n"
                        + "      fix: look at its log; end it, with SIGKILL if need be, and start it again\n");
    }

    @Test
    void aControllerOfTheReleaseBeforeThatDoesNotKnowTheQuestionIsNotCalledBroken() {
        cloud.unknown = ExamineHost.class;

        Typed typed = doctor();

        assertThat(typed.exit()).isZero();
        assertThat(typed.out())
                .contains("warn  s1 examination: not possible, it is of an older release: there is no 'host.examine'\n"
                        + "      fix: install one release everywhere\n");
    }

    @Test
    void aManagerOfTheReleaseBeforeIsAskedForWhatItKnows() {
        cloud.unknown = ExamineCloud.class;

        assertThat(doctor().out()).contains("warn  cloud manager: not possible, ", "ok    s1 qemu: QEMU 10.0.2\n");
    }

    @Test
    void aDeepLookReadsTheFilesOfTemplatesThroughWhichAnOrdinaryOneDoesNot() {
        assertThat(doctor().out()).doesNotContain(" files: ");

        Typed typed = Typed.at(cloud, home, "doctor", "--deep");

        assertThat(typed.exit()).isEqualTo(1);
        assertThat(typed.out())
                .contains("FAIL  s1 files: template old: disk is missing\n      fix: bring its files back");
    }

    private Typed doctor() {
        return Typed.at(cloud, home, "doctor");
    }
}
