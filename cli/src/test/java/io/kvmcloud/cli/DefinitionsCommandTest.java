package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionsCommandTest {

    @TempDir
    private Path directory;

    @Test
    void itWritesTheDefinitionsForTheBrokerAndAPasswordForEachUserAlone() throws Exception {
        Path target = directory.resolve("of the/broker");

        Typed typed = write(target, "--vhost", "other");

        assertThat(typed).isEqualTo(new Typed(0, target.resolve("definitions.json") + "\n", ""));
        assertThat(permissions(target)).isEqualTo("rwx------");
        assertThat(permissions(target.resolve("definitions.json"))).isEqualTo("rw-r--r--");
        assertThat(passwords(target)).containsOnlyKeys("admin", "kvm-manager", "s1", "s2", "operator");
        assertThat(permissions(target.resolve("s1.password"))).isEqualTo("rw-------");
        assertThat(Files.readString(target.resolve("definitions.json")))
                .contains("\"vhost\" : \"other\"")
                .doesNotContain(passwords(target).get("admin"));
        assertThat(temporaryFiles(target)).isZero();
    }

    @Test
    void runAgainForAnotherControllerItKeepsThePasswords() throws Exception {
        write(directory);
        var before = passwords(directory);

        Typed typed = write(directory, "--controllers", "s1,s2,s3", "-f", "json");

        assertThat(passwords(directory)).containsAllEntriesOf(before).containsKey("s3");
        assertThat(typed.out())
                .contains("\"users\" : [ \"admin\", \"kvm-manager\", \"s1\", \"s2\", \"s3\", \"operator\" ]");
    }

    @Test
    void viewersAndOperatorsOfOneHostAreUsersToo() throws Exception {
        write(directory, "--operators", "alice,bob:s2", "--viewers", "carol");

        assertThat(passwords(directory)).containsOnlyKeys("admin", "kvm-manager", "s1", "s2", "alice", "bob", "carol");
        assertThat(Files.readString(directory.resolve("definitions.json")))
                .contains("\"user\" : \"bob\"", "[a-z-]+\\\\.s2(\\\\.|$)")
                .doesNotContain("bob:s2");
        assertThat(write(directory, "--operators", "bob:S2").err()).contains("'S2' is not a controller name");
    }

    @Test
    void severalAtOnceAgreeOnThePasswords() throws Exception {
        Thread[] writers = Stream.generate(() -> Thread.ofPlatform().unstarted(() -> write(directory)))
                .limit(4)
                .toArray(Thread[]::new);
        for (Thread writer : writers) {
            writer.start();
        }
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(passwords(directory)).hasSize(5);
        assertThat(temporaryFiles(directory)).isZero();
    }

    @Test
    void usersThatCannotBeAreRefused() {
        assertThat(write(directory, "--operators", "a/b").err()).contains("is not a user name");
        assertThat(write(directory, "--operators", "s1").err()).contains("'s1' cannot be two users at once");
        assertThat(write(directory, "--controllers", "S1").err()).contains("'S1' is not a controller name");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsAnError() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");

        Typed typed = write(file);

        assertThat(typed.exit()).isEqualTo(1);
        assertThat(typed.err())
                .startsWith("kvm-cloud: cannot work in " + file + ": ")
                .contains("\n  hint: ");
    }

    private Typed write(Path target, String... options) {
        return Typed.at(
                new FakeCloud(),
                directory,
                Stream.concat(Stream.of("definitions", target.toString()), Stream.of(options))
                        .toArray(String[]::new));
    }

    private static Map<String, String> passwords(Path target) throws IOException {
        var found = new TreeMap<String, String>();
        try (var files = Files.newDirectoryStream(target, "*.password")) {
            for (Path file : files) {
                found.put(
                        file.getFileName().toString().replace(".password", ""),
                        Files.readString(file).strip());
            }
        }
        return found;
    }

    private static long temporaryFiles(Path target) throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.toString().endsWith(".new")).count();
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
