package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.ListTemplates;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each verb: the lines people know from the seed, and the JSON scripts rely on. */
class VerbsTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void newTellsIdAndPortAsInTheSeed() {
        Typed made = type("new", "cirros", "64", "2");

        assertThat(made).isEqualTo(new Typed(0, "result: ID: s2/2001, SSH port: 2302\n", ""));
        assertThat(cloud.asked).singleElement().isInstanceOfSatisfying(NewInstance.class, command -> {
            assertThat(command.template()).isEqualTo("cirros");
            assertThat(command.memory()).isEqualTo(MemorySize.ofMebibytes(64));
            assertThat(command.cpus()).isEqualTo(2);
        });
    }

    @Test
    void newAuthorizesOurKeyAndThePersonsUnlessOneIsNamed() throws Exception {
        String persons = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKs alice@laptop";
        Files.createDirectories(home.resolve(".ssh"));
        Files.writeString(home.resolve(".ssh/id_ed25519.pub"), persons + "\n");
        Files.writeString(home.resolve(".ssh/id_broken.pub"), "not a key\n");
        Path other = Files.writeString(home.resolve("other.pub"), "# mine\nssh-rsa AAAAB3Nza bob\n");

        Typed made = type("new", "cirros", "1G", "1");
        type("new", "cirros", "1G", "1", "--ssh-key", other.toString());

        String own = Files.readString(home.resolve("state/ssh/id_ed25519.pub")).strip();
        assertThat(made.err()).contains("id_broken.pub is left out");
        assertThat(cloud.asked)
                .extracting(command -> ((NewInstance) command).sshKeys())
                .containsExactly(List.of(own, persons), List.of("ssh-rsa AAAAB3Nza bob"));
    }

    @Test
    void userDataThatCannotBeTakenIsRefusedBeforeAnythingIsAsked() throws Exception {
        Path large = Files.write(home.resolve("large"), new byte[70_000]);
        Path binary = Files.write(home.resolve("packed.gz"), new byte[] {0x1f, (byte) 0x8b});
        Path zero = Files.write(home.resolve("zero"), new byte[] {'#', '!', 0});
        Path empty = Files.write(home.resolve("empty"), new byte[0]);

        assertRefused(large, large + " has 70000 bytes, and at most 65536 (64 KiB) are taken");
        assertRefused(binary, binary + " is not text in UTF-8\n  hint: --user-data names a script");
        assertRefused(zero, "user-data is text, and byte 2 of this is 0");
        assertRefused(empty, empty + " is empty");
        assertRefused(home.resolve("none"), home.resolve("none") + " cannot be read: there is no such file");
        assertThat(cloud.asked).isEmpty();
    }

    private void assertRefused(Path userData, String why) {
        Typed made = type("new", "cirros", "64", "1", "--user-data", userData.toString());
        assertThat(made.exit()).isEqualTo(2);
        assertThat(made.err()).startsWith("kvm-cloud: ").contains(why);
    }

    @Test
    void instancesAreATableWithADashWhereNoPortIsForwarded() {
        assertThat(type("instances").out()).isEqualTo("""
                        ID       template  RAM  CPUs  SSH port  status
                        s1/1000  cirros    64   2     2200      ONLINE
                        s2/2000  cirros    64   2     -         OFFLINE
                        """);
        assertThat(type("ls")).isEqualTo(type("list")).isEqualTo(type("instances"));
    }

    @Test
    void aRowThatNobodyHasHeardOfSaysSoAndFitsSixtyColumns() {
        cloud.put(FakeCloud.instance("s2/2000", InstanceStatus.ONLINE, 2301, ""), 12.3, false);
        cloud.put(FakeCloud.instance("s2/2001", InstanceStatus.FAILED, 2302, "rootfs is gone"), 0, true);

        Typed list = type("instances");

        assertThat(list.out()).contains("s2/2000  cirros    64   2     2301      UNREACHABLE (12s)\n");
        assertThat(list.out()).contains("s2/2001  cirros    64   2     -         FAILED\n");
        assertThat(list.err()).isEqualTo("s2/2001: rootfs is gone\n");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 60);
    }

    @Test
    void anEmptyListIsAHeaderAndANote() {
        cloud.rows.clear();

        assertThat(type("instances"))
                .isEqualTo(new Typed(
                        0,
                        "ID  template  RAM  CPUs  SSH port  status\n",
                        "no instances yet; `kvm-cloud new TEMPLATE RAM CPUS` makes one\n"));
        assertThat(type("instances", "-f", "json").out()).isEqualTo("[ ]\n");
    }

    @Test
    void instancesAsJsonHaveEveryFieldAndNumbersAreNumbers() {
        cloud.rows.remove(InstanceId.parse("s2/2000"));

        assertThat(type("-f", "JSON", "instances").out()).isEqualTo("""
                        [ {
                          "id" : "s1/1000",
                          "name" : "",
                          "template" : "cirros",
                          "memory" : 64,
                          "cpus" : 2,
                          "disk" : 0,
                          "sshPort" : 2200,
                          "address" : "127.0.0.1",
                          "login" : "cirros",
                          "status" : "ONLINE",
                          "created" : "2026-01-02T03:04:05Z",
                          "note" : "",
                          "boot" : {
                            "kind" : "",
                            "millis" : 0,
                            "note" : ""
                          },
                          "forwards" : [ ],
                          "diskMillis" : 12,
                          "ageSeconds" : 0.4,
                          "reachable" : true
                        } ]
                        """);
    }

    @Test
    void runAndKillSayOk() {
        assertThat(type("run", "s2/2000")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(type("kill", "s2/2000")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(type("start", "s2/2000").out()).isEqualTo("OK\n");
    }

    @Test
    void pauseResumeAndRestartSayOk() {
        assertThat(type("pause", "s1/1000")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(type("instances").out()).contains("2200      PAUSED");
        assertThat(type("ssh", "s1/1000").err())
                .contains("instance s1/1000 is PAUSED", "`kvm-cloud resume s1/1000` lets it go on");
        assertThat(type("resume", "s1/1000")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(type("restart", "s2/2000", "--timeout", "90")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(cloud.asked.getLast()).isEqualTo(new RestartInstance(InstanceId.parse("s2/2000"), 90));
    }

    @Test
    void severalAreAllTriedAndTheFirstFailureIsTheExitCode() {
        Typed run = type("run", "s1/1000", "s2/2000", "s9/1", "s2/2000");

        assertThat(run.exit()).isEqualTo(6);
        assertThat(run.out()).isEqualTo("s2/2000 OK\n");
        assertThat(run.err())
                .contains("kvm-cloud: instance s1/1000 is already ONLINE")
                .contains("kvm-cloud: there is no instance s9/1   (exit 3)");
        assertThat(cloud.asked).hasSize(3);
    }

    @Test
    void whatIsDoneToInstancesIsAlwaysAnArrayAsJson() {
        assertThat(type("delete", "s2/2000", "--format", "json", "--op-id", "mine")
                        .out())
                .isEqualTo("""
                        [ {
                          "id" : "s2/2000",
                          "note" : "",
                          "op" : "mine"
                        } ]
                        """);
    }

    @Test
    void everyCommandHasAnIdOfItsOwnThatItsAnswerNames() {
        Typed made = type("new", "cirros", "64", "2", "-f", "json");
        type("kill", "s1/1000");

        assertThat(cloud.ops).hasSize(2).allMatch(op -> !op.again() && op.id().matches("[0-9a-f]{8}-.{27}"));
        assertThat(cloud.ops.getFirst().id()).isNotEqualTo(cloud.ops.getLast().id());
        assertThat(made.out())
                .contains("\"op\" : \"" + cloud.ops.getFirst().id() + "\"")
                .contains("\"id\" : \"s2/2001\"");
    }

    @Test
    void anOpIdThatIsGivenMayHaveBeenUsedBeforeAndIsCompletedForSeveralInstances() {
        type("run", "s2/2000", "--op-id", "deploy-7");
        type("delete", "s1/1000", "s2/2000", "--op-id", "deploy-8");

        assertThat(cloud.ops)
                .containsExactlyInAnyOrder(
                        new OpId.Op("deploy-7", true),
                        new OpId.Op("deploy-8/s1/1000", true),
                        new OpId.Op("deploy-8/s2/2000", true));
    }

    @Test
    void anOpIdWithABlankIsRefusedBeforeAnythingIsAsked() {
        Typed refused = type("run", "s2/2000", "--op-id", "my op");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("'my op' is not 1 to 60 printable characters");
        assertThat(cloud.asked).isEmpty();
    }

    @Test
    void anErrorNamesItsOp() {
        cloud.failure = new Reply.Failure(Reason.TIMED_OUT, "no answer in time", "wait");

        assertThat(type("kill", "s1/1000", "--op-id", "o-1").err())
                .isEqualTo("kvm-cloud: no answer in time\n  hint: wait   (op o-1, exit 5)\n");
        assertThat(type("kill", "s1/1000", "--op-id", "o-1", "-f", "json").err())
                .contains("\"op\" : \"o-1\"");
    }

    @Test
    void opShowIsTheCommandsWayWithTheTimeOfEachHop() {
        assertThat(type("op", "show", "o-1").out()).isEqualTo("""
                        write.instance.run.s2.2000: FAILED
                        QEMU died
                          hint: look at it
                        time                  after    who  what
                        2026-01-02T03:04:05Z  0.000 s  m1   sent to s2
                        2026-01-02T03:04:06Z  1.000 s  s2   taken
                        """);
        assertThat(type("op", "show", "o-1", "-f", "json").out()).contains("\"status\" : \"FAILED\"");
        assertThat(type("op").err()).contains("kvm-cloud help op").contains("(exit 2)");
    }

    @Test
    void whatIsDeletedOnlyLaterIsSaidSo() {
        cloud.deletionNote = "controller s2 is not connected; it is removed when that returns";

        assertThat(type("delete", "-f", "s2/2000"))
                .isEqualTo(new Typed(
                        0, "OK\n", "s2/2000: controller s2 is not connected; it is removed when that returns\n"));
    }

    @Test
    void aFormatBehindTheShortFOfDeleteDeletesNothing() {
        Typed typed = type("delete", "s1/1000", "-f", "json");

        assertThat(typed.exit()).isEqualTo(2);
        assertThat(typed.err())
                .contains("nothing was deleted: there is no instance 'json'", "write it like --format json");
        assertThat(cloud.asked).noneMatch(DeleteInstance.class::isInstance);
    }

    @Test
    void theShortFOfDeleteIsForce() {
        assertThat(type("rm", "-f", "s1/1000").out()).isEqualTo("OK\n");
        assertThat(cloud.asked).containsExactly(new DeleteInstance(InstanceId.parse("s1/1000"), true));
    }

    @Test
    void stopWaitsForTheGuestAndForTheAnswer() {
        type("stop", "s1/1000", "--timeout", "90", "--wait", "10");

        Command<?> expected = new StopInstance(InstanceId.parse("s1/1000"), 90, false);
        assertThat(cloud.asked).containsExactly(expected);
        assertThat(cloud.deadlines).containsExactly(Duration.ofSeconds(100));
    }

    @Test
    void infoShowsAllOfAnInstance() {
        assertThat(type("info", "s1/1000").out()).isEqualTo("""
                        ID        s1/1000
                        status    ONLINE
                        template  cirros
                        RAM       64 MiB
                        CPUs      2
                        disk      -
                        SSH port  2200
                        address   127.0.0.1
                        login     cirros
                        created   2026-01-02T03:04:05Z
                        boot      -
                        heard of  0 s ago
                        """);
        assertThat(type("info", "s1/1000", "-f", "json").out())
                .startsWith("{\n  \"id\" : \"s1/1000\",\n  \"name\" : \"\",\n  \"template\" : \"cirros\"");
    }

    @Test
    void controllersTellWhatTheyHaveLeft() {
        Typed list = type("hosts");

        assertThat(list.out()).isEqualTo("""
                        name  accel  RAM free  CPUs free  status             host
                        s1    tcg    7168 MiB  30         UP                 alpha
                        s2    kvm    7168 MiB  30         UNREACHABLE (61s)  beta
                        """);
        assertThat(list.err()).isEqualTo("s1: no /dev/kvm\ns1: template old is not offered: disk.qcow2 is missing\n");
        assertThat(type("controllers", "-f", "json").out()).contains("\"memoryMebibytes\" : 8192");
    }

    @Test
    void controllersAreForgottenOneByOneAndWhatWentWithThemIsSaid() {
        assertThat(type("controllers", "forget", "s2"))
                .isEqualTo(new Typed(0, "OK\n", "s2: given up with 3 instances and 0 waiting commands\n"));
        Typed two = type("hosts", "forget", "s1", "s2");
        assertThat(two.exit()).isEqualTo(6);
        assertThat(two.out()).isEqualTo("s2 OK\n");
        assertThat(two.err()).contains("kvm-cloud: controller s1 is connected (last seen 1 s ago)");
        assertThat(type("controllers", "forget", "s2", "-f", "json").out())
                .contains("\"instances\" : 3", "\"commands\" : 0");
    }

    @Test
    void deadLettersAreListedShownSentAgainAndDropped() {
        assertThat(type("dead-letters").out()).isEqualTo("""
                        ID        when                  from   type           why
                        5e0c9a71  2026-01-02T03:04:05Z  alice  instance.kill  controller s2 did not pick the command up
                        0b7d44f2  -                     -      -              put there by s1
                        """);
        assertThat(type("dead-letters", "list")).isEqualTo(type("dead-letters"));
        assertThat(type("dead-letters", "list", "-f", "json").out()).contains("\"size\" : 1048576");
        assertThat(type("dead-letters", "show", "5e0c9a71").out())
                .startsWith("ID    5e0c9a71\n")
                .endsWith("\n\nattempt: 0\n\n{\"id\":\"s2/2000\"}\n");
        assertThat(type("dead-letters", "drop", "5e0c9a71")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(type("dead-letters", "drop", "--all").out()).isEqualTo("5e0c9a71 OK\n0b7d44f2 OK\n");
        Typed requeued = type("dead-letters", "requeue", "--all");
        assertThat(requeued.exit()).isEqualTo(6);
        assertThat(requeued.out()).isEqualTo("5e0c9a71 OK\n");
        assertThat(requeued.err())
                .isEqualTo("kvm-cloud: dead letter 0b7d44f2 cannot be sent again: it is no command   (exit 6)\n");
        cloud.letters = List.of();
        assertThat(type("dead-letters").err()).isEqualTo("no dead letters\n");
        assertThat(type("dead-letters", "drop", "--all")).isEqualTo(new Typed(0, "", "no dead letters\n"));
    }

    @Test
    void logsCannotPaintTheTerminal() {
        assertThat(type("logs", "s1/1000", "-n", "5").out()).isEqualTo("[    0.0] booting\nlogin: \n");
        assertThat(type("logs", "s1/1000", "--format", "json").out()).contains("\\u001B[1;32mbooting");
    }

    @Test
    void pingNamesTheManager() {
        assertThat(type("ping").out()).matches("manager m1 answers in [0-9.]+ ms\n");
    }

    @Test
    void theBrokerIsAskedForWhereTheOptionsSay() {
        type("--amqp", "amqp://a@one:1/v", "templates");
        type("templates", "--amqp", "amqp://b@two:2/v", "--wait", "3");

        assertThat(cloud.opened).extracting(address -> address.uri().getHost()).containsExactly("one", "two");
        assertThat(cloud.asked).containsExactly(new ListTemplates(), new ListTemplates());
        assertThat(cloud.deadlines).containsExactly(Duration.ofSeconds(60), Duration.ofSeconds(3));
    }

    private Typed type(String... words) {
        return Typed.at(cloud, home, words);
    }
}
