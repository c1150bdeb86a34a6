package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest's serial console, from its first words to its last. */
@WithBroker
class ConsoleIT {

    private static final String ID = "s1/1000";

    @TempDir
    private Path directory;

    @Test
    void aConsoleIsReadAndTypedIntoUntilTheGuestPowersItselfOff(TestBroker broker) {
        try (var cloud = new RunningCloud(broker, directory.resolve("cloud"))) {
            cloud.startManager("m1");
            cloud.startController("s1", 1000, "--warm-cache", "1M");
            assertThat(cloud.cli("new", "micro", "128", "1").exit()).isZero();
            assertThat(cloud.cli("console", ID).exit()).isEqualTo(6);
            assertThat(cloud.cli("run", ID).exit()).isZero();

            whatIsTypedWhenItHasBootedIsRead(cloud);
            aTerminalIsRawUntilTheTildeAndTheDot(cloud);
            aLogThatNobodyReadsIsNotFollowed(cloud);
            aControllerThatReturnsTypesOn(cloud);
            whatItUsesIsSeen(cloud);
            theEndOfTheGuestIsTheEndOfTheConsole(cloud);
        }
    }

    /** The login program throws away what is typed before it asks for the password. */
    private static void whatIsTypedWhenItHasBootedIsRead(RunningCloud cloud) {
        Path log = cloud.workDirectory("s1").resolve("instances/1000/serial.log");
        Awaitility.await("login prompt")
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(log).contains("login: "));

        Result typed = typing(
                "{ echo cirros; sleep 1; echo 'cubswin:)'; sleep 2; echo 'echo $((6*7))'; } | %s",
                cloud, cloud.cliCommand("console", ID, "-n", "3"));

        assertThat(typed.out()).as(typed.err()).contains("login: cirros\n", "\n42\n");
        assertThat(typed.exit()).isZero();
    }

    /** script(1) of util-linux gives it a terminal, whose settings are shown behind it. */
    private static void aTerminalIsRawUntilTheTildeAndTheDot(RunningCloud cloud) {
        Result seen = typing(
                "{ sleep 2; printf '\003tty\r'; sleep 1; printf '~.'; } | script -qec '%s; stty -a' /dev/null",
                cloud, cloud.cliCommand("console", ID, "-n", "0"));

        assertThat(seen.out()).as(seen.err()).contains("/dev/ttyS0", "left the console of s1/1000");
        assertThat(seen.out()).containsPattern("[^-]isig").containsPattern("[^-]echo ");
    }

    private static Result typing(String script, RunningCloud cloud, List<String> cli) {
        return cloud.run(List.of("sh", "-c", script.formatted(String.join(" ", cli))), "");
    }

    /** The guest is quiet by now: no write tells that head(1) has gone. */
    private static void aLogThatNobodyReadsIsNotFollowed(RunningCloud cloud) {
        Result read = typing("%s | head -1 | wc -l", cloud, cloud.cliCommand("logs", ID, "-f"));
        assertThat(read).isEqualTo(new Result(0, "1\n", ""));

        Result events = typing("%s | head -1 | wc -l", cloud, cloud.cliCommand("events", "-f"));
        assertThat(events).isEqualTo(new Result(0, "1\n", ""));
    }

    private static void aControllerThatReturnsTypesOn(RunningCloud cloud) {
        cloud.program("s1").kill();
        cloud.startController("s1", 1000, "--warm-cache", "1M");

        Awaitility.await("typed by its next life")
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> {
                    Result typed = cloud.cliWithInput("echo $((7*8))\n", "console", ID, "-n", "0");
                    assertThat(typed.out()).as(typed.err()).contains("\n56\n");
                });
    }

    private static void whatItUsesIsSeen(RunningCloud cloud) {
        Result top = cloud.cli("top");

        assertThat(top.out())
                .as(top.err())
                .containsPattern("(?m)^s1 +\\d+\\.\\d+ +128/2048 +1/\\d+ +tcg +UP$")
                .containsPattern("(?m)^s1/1000 +\\d+\\.\\d +\\d{2,3} +128 +1 +ONLINE$");
    }

    private static void theEndOfTheGuestIsTheEndOfTheConsole(RunningCloud cloud) {
        Result last = cloud.cliWithInput("sudo poweroff\n", "console", ID, "-n", "0");

        assertThat(last.err()).as(last.out()).contains("instance s1/1000 does not run");
        assertThat(last.exit()).isEqualTo(6);
    }
}
