package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell as a script uses it: lines on stdin, no prompt. The prompt itself needs a terminal, see PromptTest. */
class ShellTest {

    @TempDir
    private Path home;

    private final InputStream stdin = System.in;
    private final FakeCloud cloud = new FakeCloud();

    @AfterEach
    void giveStdinBack() {
        System.setIn(stdin);
    }

    @Test
    void theSeedsSessionOverOneConnection() {
        Typed session = shell("templates\nnew cirros 64 2\nrun s2/2000\nkill s2/2000\ninstances\nexit\nrun s1/1000\n");

        assertThat(session).isEqualTo(new Typed(0, """
                        - cirros (CirrOS is a tiny OS)
                        result: ID: s2/2001, SSH port: 2302
                        OK
                        OK
                        ID       template  RAM  CPUs  SSH port  status
                        s1/1000  cirros    64   2     2200      ONLINE
                        s2/2000  cirros    64   2     -         OFFLINE
                        s2/2001  cirros    64   2     -         OFFLINE
                        """, ""));
        assertThat(cloud.opened).hasSize(1);
    }

    @Test
    void theExitCodeIsThatOfTheLastLineThatFailed() {
        Typed session = shell("kill s9/1\nrun s1/1000\ntemplates\n");

        assertThat(session.exit()).isEqualTo(6);
        assertThat(session.out()).isEqualTo("- cirros (CirrOS is a tiny OS)\n");
    }

    @Test
    void emptyLinesCommentsQuotesAndTheProgramsNameAreUnderstood() {
        Typed session = shell("\n  # a comment\n \"templates\" \nkvm-cloud templates\n./kvm-cloud templates\n");

        assertThat(session.out().lines()).hasSize(3);
        assertThat(session.exit()).isZero();
    }

    @Test
    void aLineThatCannotBeReadIsAMistakeAndTheNextOneRuns() {
        Typed session = shell("run 's1/1000\nshell\ntemplates\n");

        assertThat(session.exit()).isEqualTo(2);
        assertThat(session.err()).contains("is not finished in: run 's1/1000").contains("this is the shell already");
        assertThat(session.out()).startsWith("- cirros");
    }

    @Test
    void optionsOfTheShellHoldForItsLinesAndOneOfALineForThatLine() {
        Typed session =
                shell("templates\ntemplates -f table\n", "-f", "json", "--wait", "7", "--amqp", "amqp://a@one/v");

        assertThat(session.out()).startsWith("[ {").endsWith("- cirros (CirrOS is a tiny OS)\n");
        assertThat(cloud.deadlines).allMatch(deadline -> deadline.toSeconds() == 7);
        assertThat(cloud.opened).extracting(address -> address.uri().getHost()).containsOnly("one");
    }

    @Test
    void aFailureDoesNotEndTheShell() {
        cloud.failure = new Failure(Reason.UNREACHABLE, "no manager is running", "");

        assertThat(shell("templates\ninstances\nexit\n").err().lines()).hasSize(2);
    }

    private Typed shell(String lines, String... options) {
        System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
        String[] words = new String[options.length + 1];
        System.arraycopy(options, 0, words, 0, options.length);
        words[options.length] = "shell";
        return Typed.at(cloud, home, words);
    }
}
