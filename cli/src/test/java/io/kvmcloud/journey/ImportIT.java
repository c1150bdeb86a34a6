package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A template's life: from files of the client's machine to a guest, and to its removal. */
@WithBroker
class ImportIT {

    @TempDir
    private Path directory;

    @Test
    void anImageIsImportedRunsAnswersSshAndIsRemoved(TestBroker broker) throws Exception {
        Path micro = MicroTemplate.built();
        Path none = Files.createDirectory(directory.resolve("none"));
        try (var cloud = new RunningCloud(broker, directory.resolve("cloud"))) {
            cloud.startManager("m1");
            cloud.beginController("s2", 2000, "--template-dir", none.toString());
            cloud.startController("s1", 1000, "--template-dir", none.toString());
            cloud.awaitController("s2");

            theFilesOfThisMachineBecomeATemplateOnAllHosts(cloud, micro);
            aGuestMadeOfItAnswersAndKeepsItsTemplate(cloud);
            whatNobodyNeedsIsRemoved(cloud);
        }
    }

    private static void theFilesOfThisMachineBecomeATemplateOnAllHosts(RunningCloud cloud, Path micro) {
        String[] words = {
            "template",
            "import",
            "mine",
            "--disk",
            micro.resolve("rootfs.qcow2").toString(),
            "--kernel",
            micro.resolve("vmlinux").toString(),
            "--initrd",
            micro.resolve("initrd").toString(),
            "--command-line",
            "root=/dev/vda rw quiet panic=5 no_timer_check tsc=reliable",
            "--login",
            "cirros",
            "--memory",
            "96M"
        };
        Result imported = cloud.cli(words);
        assertThat(imported.out()).as(imported.err()).contains("s1: imported in ", "s2: imported in ");
        assertThat(cloud.cli(words).out()).contains("s1: is there already, ", "s2: is there already, ");
        Result verified = cloud.cli("template", "verify", "mine", "-f", "value", "-c", "controller,state");
        assertThat(verified.out()).isEqualTo("s1 OK\ns2 OK\n");
        assertThat(verified.exit()).isZero();
    }

    private static void aGuestMadeOfItAnswersAndKeepsItsTemplate(RunningCloud cloud) {
        Result launched = cloud.cli("launch", "mine", "--memory", "128M", "--name", "web");
        assertThat(launched.exit()).as(launched.err()).isZero();
        assertThat(cloud.cli("ssh", "web", "--", "uname").out()).isEqualTo("Linux\n");

        Result refused = cloud.cli("template", "rm", "mine");
        assertThat(refused.exit()).isEqualTo(6);
        assertThat(refused.err()).contains("template mine is in use by ", "nothing was removed");
        assertThat(cloud.cli("delete", "-f", "web").exit()).isZero();
    }

    private static void whatNobodyNeedsIsRemoved(RunningCloud cloud) {
        Result removed = cloud.cli("template", "rm", "mine", "--op-id", "gone");
        assertThat(removed.out()).as(removed.err()).contains("s1: removed", "s2: removed; `template gc` frees ");
        Result again = cloud.cli("template", "rm", "mine", "--op-id", "gone");
        assertThat(again.out()).as(again.err()).isEqualTo(removed.out());
        assertThat(cloud.cli("template", "gc", "--on", "s2").out()).startsWith("s2: removed 3 images");
        assertThat(cloud.cli("template", "gc", "--on", "s2").out()).isEqualTo("s2: nothing to remove\n");
    }
}
