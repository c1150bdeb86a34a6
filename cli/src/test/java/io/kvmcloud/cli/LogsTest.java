package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reply.InstanceLog;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following what a guest writes; its end of before is in {@link VerbsTest}. */
class LogsTest {

    private static final InstanceId ID = InstanceId.parse("s1/1000");

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void theLogGoesOnUntilTheInstanceIsGone() {
        cloud.console.add(new InstanceLog(ID, "root\n", 38L, 43L));
        cloud.console.add(new InstanceLog(ID, "", 43L, 43L));
        cloud.console.add(new InstanceLog(ID, "# ", 43L, 45L));

        Typed typed = Typed.at(cloud, home, "logs", "s1/1000", "-f");

        assertThat(typed.out()).isEqualTo("[    0.0] booting\nlogin: root\n# ");
        assertThat(typed.err()).isEqualTo("""
                        kvm-cloud: there is no instance s1/1000
                          hint: `kvm-cloud instances` lists them   (exit 3)
                        """);
        assertThat(cloud.asked)
                .containsExactly(
                        new ReadLog(ID, 100),
                        new ReadLog(ID, 1, 38L, 10),
                        new ReadLog(ID, 1, 43L, 10),
                        new ReadLog(ID, 1, 43L, 10),
                        new ReadLog(ID, 1, 45L, 10));
    }

    @Test
    void aLogThatBeginsAgainIsFollowedFromItsBeginning() {
        cloud.console.add(new InstanceLog(ID, "SeaBIOS\n", 0L, 8L));

        Typed typed = Typed.at(cloud, home, "logs", "s1/1000", "-f");

        assertThat(typed.out()).endsWith("login: SeaBIOS\n");
        assertThat(typed.err()).startsWith("the log of s1/1000 has begun again\n");
    }

    @Test
    void aColourWhoseCodeComesInTwoPartsIsNoText() {
        cloud.console.add(new InstanceLog(ID, "a\u001b[1;", 38L, 43L));
        cloud.console.add(new InstanceLog(ID, "32mb", 43L, 47L));

        assertThat(Typed.at(cloud, home, "logs", "s1/1000", "-f").out()).endsWith("login: ab");
    }

    @Test
    void aControllerOfBeforeCannotBeFollowed() {
        cloud.console.add(new InstanceLog(ID, "the end of before", -1L, -1L));

        Typed typed = Typed.at(cloud, home, "logs", "s1/1000", "-f");

        assertThat(typed.exit()).isEqualTo(6);
        assertThat(typed.err()).contains("kvm-cloud: controller s1 is too old to go on with a log\n");
    }

    @Test
    void whoHasSeenEnoughInTheShellHasMadeNoMistake() {
        Thread.currentThread().interrupt();

        Typed typed = Typed.at(cloud, home, "logs", "s1/1000", "-f");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(typed).isEqualTo(new Typed(0, "[    0.0] booting\nlogin: ", ""));
    }

    @Test
    void aTreeIsWrittenForEachPart() {
        cloud.console.add(new InstanceLog(ID, "root\n", 38L, 43L));

        assertThat(Typed.at(cloud, home, "logs", "s1/1000", "-f", "--format", "json")
                        .out())
                .endsWith("""
                        {
                          "id" : "s1/1000",
                          "text" : "root\\n",
                          "from" : 38,
                          "next" : 43,
                          "running" : true
                        }
                        """);
    }
}
