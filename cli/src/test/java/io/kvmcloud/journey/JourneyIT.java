package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import io.kvmcloud.messages.InstanceStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command's whole journey: CLI strings in, terminal text out, through real RabbitMQ, manager, controllers and QEMU. */
@WithBroker
class JourneyIT {

    private static final Pattern CREATED = Pattern.compile("result: ID: (s[12]/\\d+), SSH port: (\\d+)\n");

    @TempDir
    private static Path directory;

    private static RunningCloud cloud;
    private static Result warmed;

    @BeforeAll
    static void start(TestBroker broker) {
        cloud = new RunningCloud(broker, directory);
        cloud.startManager("m1");
        cloud.beginController("s1", 1000);
        cloud.startController("s2", 2000);
        cloud.awaitController("s1");
        // So nobody is launched while a copy is in the making.
        warmed = cloud.cli("template", "warm", "micro", "--memory", "128M");
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @Test
    void theSeedsSessionWorksVerbByVerb() throws IOException {
        assertThat(cloud.cli("templates").out()).startsWith("- micro (");

        String one = created(cloud.cli("new", "micro", "128", "1"));
        String other = created(cloud.cli("new", "micro", "128", "2"));
        assertThat(List.of(one, other))
                .as("round robin")
                .anyMatch(id -> id.startsWith("s1/"))
                .anyMatch(id -> id.startsWith("s2/"));

        assertThat(cloud.cli("instances").out().lines().map(JourneyIT::words))
                .contains(
                        "ID template RAM CPUs SSH port status",
                        one + " micro 128 1 - OFFLINE",
                        other + " micro 128 2 - OFFLINE");

        assertThat(cloud.cli("run", one)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("instances").out().lines().map(JourneyIT::words))
                .anyMatch(line -> line.matches(one + " micro 128 1 \\d+ ONLINE"));

        Result uname = cloud.cli("ssh", one, "--", "uname", "-a");
        assertThat(uname.out()).startsWith("Linux " + one.replace('/', '-') + " ");
        assertThat(cloud.cli("ssh", one, "--", "exit", "7").exit()).isEqualTo(7);
        assertThat(cloud.cli("logs", one).out()).isNotBlank();

        Path letter = Files.writeString(directory.resolve("letter"), "for the guest\n");
        Path back = directory.resolve("back");
        assertThat(cloud.cli("cp", letter.toString(), one + ":there").exit()).isZero();
        assertThat(cloud.cli("ssh", one, "--", "cat", "there").out()).isEqualTo("for the guest\n");
        assertThat(cloud.cli("cp", one + ":there", back.toString()).exit()).isZero();
        assertThat(back).hasContent("for the guest\n");

        assertThat(cloud.cli("kill", one)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("instances").out().lines().map(JourneyIT::words)).contains(one + " micro 128 1 - OFFLINE");

        assertThat(cloud.cli("delete", one, other).exit()).isZero();
        assertThat(cloud.cli("instances").out()).doesNotContain(one, other);
    }

    @Test
    void theSameOpIdHasOneEffectAlsoWhenTheInstanceIsGoneAgain() {
        String[] command = {"new", "micro", "128", "1", "--op-id", "journey-1"};
        Result first = cloud.cli(command);
        String id = created(first);
        assertThat(cloud.cli(command)).isEqualTo(first);
        cloud.cli("delete", id);

        assertThat(cloud.cli(command)).isEqualTo(first);
        assertThat(cloud.cli("instances").out()).doesNotContain(id);

        String way = cloud.cli("op", "show", "journey-1").out();
        assertThat(way)
                .startsWith("write.instance.new: DONE\n")
                .contains("sent to " + id.substring(0, 2))
                .contains("taken")
                .contains("answered: instance.created");
        Result other = cloud.cli("delete", id, "--op-id", "journey-1");
        assertThat(other.exit()).isEqualTo(2);
        assertThat(other.err()).contains("op journey-1 is that of another command, a write.instance.new");
        assertThat(cloud.cli("op", "show", "journey-2").exit()).isEqualTo(3);
    }

    @Test
    void anInstanceIsCalledByItsNameWhichNoOtherHas() {
        Result made = cloud.cli("new", "micro", "112M", "1", "--name", "db", "--disk", "1G", "--op-id", "journey-3");
        String id = created(made);
        assertThat(cloud.cli("new", "micro", "112M", "1", "--name", "db", "--disk", "1G", "--op-id", "journey-3"))
                .isEqualTo(made);
        Result twin = cloud.cli("new", "micro", "112M", "1", "--name", "db");
        assertThat(twin.exit()).isEqualTo(6);
        assertThat(twin.err()).startsWith("kvm-cloud: the name db is taken: " + id + " has it");

        assertThat(cloud.cli("run", "db")).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("ssh", "db", "--", "hostname")).isEqualTo(new Result(0, "db\n", ""));
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Integer.parseInt(cloud.cli("ssh", "db", "--", "df -m / | awk 'END { print $2 }'")
                                .out()
                                .strip())
                        > 900);

        List<String> three = cloud.cli("new", "micro", "112M", "1", "--name", "web", "--count", "3")
                .out()
                .lines()
                .toList();
        assertThat(three).hasSize(3);
        assertThat(cloud.cli("delete", "web-*", "--dry-run").out().lines()).hasSize(3);
        assertThat(cloud.cli("delete", "web-*", "db", "-f", "-y").out().lines()).hasSize(4);
        assertThat(cloud.cli("info", "db").exit()).isEqualTo(3);
        String again = created(cloud.cli("new", "micro", "112M", "1", "--name", "db"));
        assertThat(cloud.cli("delete", again).exit()).isZero();
    }

    @Test
    void theShellSpeaksTheSameVerbs() {
        Result session = cloud.cliWithInput("templates\nnew micro 128 1\ninstances\nhelp\nexit\n", "shell");

        assertThat(session.out()).contains("- micro (").containsPattern(CREATED).contains("OFFLINE");
        assertThat(session.exit()).isZero();
        Matcher created = CREATED.matcher(session.out());
        assertThat(created.find()).isTrue();
        assertThat(cloud.cli("delete", created.group(1)).exit()).isZero();
    }

    @Test
    void operatorsLookAfterTheCloudItself() {
        assertThat(cloud.cli("dead-letters"))
                .isEqualTo(new Result(0, "ID  when  from  type  why\n", "no dead letters\n"));
        assertThat(cloud.cli("controllers", "forget", "s1").err())
                .startsWith("kvm-cloud: controller s1 is connected (last seen")
                .endsWith("(exit 6)\n");
        assertThat(cloud.cli("controllers", "forget", "s9").exit()).isEqualTo(3);
    }

    @Test
    void aTemplateThatIsWarmOnAllHostsIsLaunchedAsCopiesWhoseSshAnswers() {
        assertThat(warmed.out())
                .as(warmed.err())
                .matches("s1: made in \\d+\\.\\d s, 1\\d\\d MiB\ns2: made in \\d+\\.\\d s, 1\\d\\d MiB\n");
        assertThat(cloud.cli("template", "warm", "micro", "--memory", "128M", "--on", "s2")
                        .out())
                .startsWith("s2: is there already, 1");
        assertThat(cloud.cli("template", "show", "micro").out())
                .containsPattern("copied +yes\n")
                // Another test's guests of 112M may have been made ready to be copied by now.
                .containsPattern("s1 +\\d+ MiB  [0-9a-f]{12}  (112M/1 .*\n +)?128M/1 \\(1\\d\\d MiB\\)\n");

        Result launched = launch();
        assertThat(launched.err())
                .containsPattern(": placed s[12] \\d+ ms · disk \\d+ ms · warm \\d+ ms · ssh \\d+ ms\n");
        String copy = launched.out().strip();
        assertThat(cloud.cli("info", copy).out()).containsPattern("boot +warm, \\d+ ms; disk \\d+ ms\n");
        assertThat(cloud.cli("ssh", copy, "--", "hostname"))
                .isEqualTo(new Result(0, copy.replace('/', '-') + "\n", ""));
        cloud.cli("delete", "-f", copy);
    }

    @Test
    void aGuestDoesWhatItWasGivenToDoIsPausedAndGoesOnIsRestartedAndPowersDownWhenItIsAsked() throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "#!/bin/sh\necho hunter-$((1 + 1)) is here\n");
        String id = launch("--user-data", script.toString()).out().strip();
        String firstBoot = bootId(id);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> cloud.cli("logs", id).out().contains("hunter-2 is here"));
        assertThat(cloud.cli("info", id, "-f", "json").out()).doesNotContain("hunter");

        assertThat(cloud.cli("pause", id)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(cloud.cli("stop", id).exit()).isEqualTo(6);
        assertThat(status(id)).isEqualTo(InstanceStatus.PAUSED);
        assertThat(cloud.cli("resume", id)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(bootId(id)).isEqualTo(firstBoot);

        assertThat(cloud.cli("restart", id)).isEqualTo(new Result(0, "OK\n", ""));
        assertThat(bootId(id)).isNotEqualTo(firstBoot);
        assertThat(cloud.guest(id)).isPresent();

        assertThat(cloud.cli("stop", id)).isEqualTo(new Result(0, "OK\n", ""));

        assertThat(cloud.guest(id)).isEmpty();
        cloud.cli("delete", id);
    }

    @Test
    void aGuestThatPowersItselfOffIsOfflineWithinASecond() {
        String id = launch().out().strip();
        ProcessHandle qemu = cloud.guest(id).orElseThrow();

        cloud.cli("ssh", id, "--", "sudo", "poweroff");

        Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> !qemu.isAlive());
        Awaitility.await()
                .atMost(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> status(id) == InstanceStatus.OFFLINE);
        cloud.cli("delete", id);
    }

    @Test
    void aForeignClientGetsTheListAsJson() {
        String id = created(cloud.cli("new", "micro", "128", "1"));
        String example =
                Path.of(System.getProperty("kvm.root"), "docs/examples/list.py").toString();

        Result list = cloud.run(List.of("/usr/bin/python3", example), "");

        assertThat(list.err()).isEmpty();
        assertThat(list.out()).contains("\"" + id + "\"");
        cloud.cli("delete", id);
    }

    private static Result launch(String... more) {
        List<String> line = new ArrayList<>(List.of("launch", "micro", "--memory", "128M", "--timeout", "300"));
        line.addAll(List.of(more));
        return cloud.cli(line.toArray(String[]::new));
    }

    private static String bootId(String id) {
        Result asked = cloud.cli("ssh", id, "--", "cat", "/proc/sys/kernel/random/boot_id");
        assertThat(asked.exit()).isZero();
        return asked.out();
    }

    private static InstanceStatus status(String id) {
        return cloud.instances().stream()
                .filter(row -> row.instance().id().toString().equals(id))
                .findFirst()
                .orElseThrow()
                .instance()
                .status();
    }

    private static String created(Result result) {
        Matcher matcher = CREATED.matcher(result.out());
        assertThat(result.out()).as(result.err()).matches(CREATED);
        assertThat(matcher.matches()).isTrue();
        return matcher.group(1);
    }

    private static String words(String line) {
        return line.strip().replaceAll("\\s+", " ");
    }
}
