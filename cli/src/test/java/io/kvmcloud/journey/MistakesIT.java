package io.kvmcloud.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.journey.RunningCloud.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input gets a clear error, changes nothing and loses nothing. */
@WithBroker
class MistakesIT {

    @TempDir
    private static Path directory;

    private static RunningCloud cloud;

    @BeforeAll
    static void start(TestBroker broker) throws IOException {
        cloud = new RunningCloud(broker, directory);
        Path templates = Files.createDirectories(directory.resolve("templates"));
        copy(MicroTemplate.built(), templates.resolve("micro"));
        copy(MicroTemplate.built(), templates.resolve("damaged"));
        Path record = templates.resolve("damaged/template.json");
        Files.writeString(record, Files.readString(record).replace("\"micro\"", "\"damaged\""));
        Files.writeString(templates.resolve("damaged/rootfs.qcow2"), "x", StandardOpenOption.APPEND);
        cloud.startManager("m1");
        cloud.startController("s1", 1000, "--template-dir", templates.toString(), "--memory", "1G", "--ssh-ports", "2");
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @ParameterizedTest(name = "kvm-cloud {0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            new micor 128 1             | 3 | there is no template 'micor'            | did you mean micro
            new damaged 128 1           | 6 | the template damaged cannot be used     | rootfs.qcow2 is damaged
            new micro 0 1               | 2 | memory must be between 1 MiB and        |
            new micro -5 1              | 2 | -5                                      |
            new micro 64X 1             | 2 | '64X' is not a size                     |
            new micro 99999999999999 1  | 2 | memory must be between 1 MiB and        |
            new micro 64 1              | 2 | template micro needs at least            | ask for
            new micro 128 0             | 2 | CPUs must be between 1 and 256, not 0   |
            new micro 128 x             | 2 | 'x'                                     |
            new micro 4096 1            | 6 | no controller can take 4096 MiB, 1 CPU  | s1: 1024 MiB free of 1024
            run s1/9999                 | 3 | there is no instance s1/9999            | kvm-cloud instances
            run nonsense                | 3 | there is no instance 'nonsense'         | kvm-cloud instances
            new micro 128 1 --disk 1M   | 2 | template micro needs a disk of at least 64 MiB, not 1 MiB | --disk 64M
            new micro 128 1 --name S1   | 2 | 'S1' is not a name for an instance      | --name web-1
            run s9/1                    | 3 | s9                                      | s1
            instnces                    | 2 | 'instnces'                              | did you mean `instances`
            run                         | 2 | ID                                      |
            """)
    void isAnsweredWithWhatWhyAndWhatToType(String line, int exit, String what, String hint) {
        Result result = cloud.cli(line.split(" +"));

        assertThat(result.exit()).as(result.err()).isEqualTo(exit);
        assertThat(result.err()).startsWith("kvm-cloud: ").contains(what).contains(hint == null ? "" : hint);
        assertThat(result.err()).doesNotContain("Exception", "\tat ");
        assertThat(result.out()).isEmpty();
        assertThat(cloud.instances()).isEmpty();
    }

    @Test
    void anErrorInJsonIsJson() {
        Result result = cloud.cli("run", "s1/9999", "-f", "json");

        assertThat(result.exit()).isEqualTo(3);
        assertThat(result.err()).contains("\"reason\"", "\"NOT_FOUND\"", "\"hint\"");
    }

    @Test
    void noBrokerIsSaidWithWhereItWasLookedFor() {
        Result result = cloud.cli("instances", "--amqp", "amqp://operator@127.0.0.1:1/kvm-cloud");

        assertThat(result.exit()).isEqualTo(4);
        assertThat(result.err()).startsWith("kvm-cloud: no RabbitMQ answers at amqp://127.0.0.1:1/kvm-cloud");
    }

    @Test
    void wrongCredentialsAreSaidWithTheUser() throws IOException {
        Path wrong = TestBroker.secret(directory.resolve("wrong"), "wrong");

        Result result = cloud.cli("instances", "--password-file", wrong.toString());

        assertThat(result.exit()).isEqualTo(4);
        assertThat(result.err()).contains("does not accept user 'operator'").contains("--password-file");
    }

    @Test
    void anExhaustedPortRangeIsSaidWithTheRangeAndAStrangersPortIsPassedOver() throws IOException {
        int first = cloud.firstSshPort("s1");
        assertThat(cloud.cli("new", "micro", "128", "1").out()).contains("SSH port: " + first);
        String one = onlyId();
        try (ServerSocket stranger = new ServerSocket(first, 1, InetAddress.getLoopbackAddress())) {
            assertThat(stranger.isBound()).isTrue();
            assertThat(cloud.cli("run", one).exit()).isZero();
            assertThat(cloud.cli("instances").out()).contains(" " + (first + 1) + " ");

            Result exhausted = cloud.cli("new", "micro", "128", "1");
            assertThat(exhausted.exit()).isEqualTo(6);
            assertThat(exhausted.err()).contains("no SSH port is free between " + first + " and " + (first + 1));
        }
        assertThat(cloud.cli("run", one).err()).contains("is already online");
        assertThat(cloud.cli("delete", one).err()).contains("is online").contains("delete -f");
        assertThat(cloud.cli("delete", "-f", one).exit()).isZero();
        assertThat(cloud.cli("delete", one).exit()).as("idempotent").isZero();
    }

    @Test
    void aControllerDoesNotTakeAnothersDirectory() {
        Program second = cloud.beginController(
                "s3", 3000, "--work-dir", cloud.workDirectory("s1").toString());

        assertThat(second.waitFor()).isEqualTo(6);
        assertThat(second.output()).contains("is in use by another controller (pid ");
    }

    @Test
    void aControllerDoesNotTakeAnothersName(TestBroker broker) {
        RunningCloud elsewhere = new RunningCloud(broker, directory.resolve("elsewhere"));
        try (elsewhere) {
            Program second = elsewhere.beginController("s1", 1000);

            assertThat(second.waitFor()).isEqualTo(6);
            assertThat(second.output()).contains("another controller named s1 is connected");
        }
    }

    @Test
    void aControllerRefusesADirectoryItCannotUse() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        Program inAFile = cloud.beginController(
                "s2", 2000, "--work-dir", file.resolve("work").toString());
        assertThat(inAFile.waitFor()).isEqualTo(1);
        assertThat(inAFile.output()).contains("cannot use the working directory " + file);

        Path deep = directory.resolve("d".repeat(100));
        Program tooLong = cloud.beginController("s2", 2000, "--work-dir", deep.toString());
        assertThat(tooLong.waitFor()).isEqualTo(2);
        assertThat(tooLong.output()).contains("bytes too long");
    }

    private static String onlyId() {
        return cloud.instances().getFirst().instance().id().toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
