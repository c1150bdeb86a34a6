package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people type about users; what the broker makes of it is shown by AccessIT. */
class UserCommandTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void thePasswordIsMadeForEachAndTheOnlyThingOnStdout() {
        Typed typed = type("user", "add", "carol", "--role", "viewer");

        assertThat(typed.exit()).isZero();
        assertThat(typed.out()).matches("[A-Za-z0-9_-]{32}\n").isEqualTo(cloud.users.passwords.get("carol") + "\n");
        assertThat(typed.err())
                .contains("shown once")
                .doesNotContain(typed.out().strip());
        assertThat(type("user", "add", "dave", "--role", "viewer").out()).isNotEqualTo(typed.out());
    }

    @Test
    void aPasswordOfOnesOwnIsReadFromAFileForItsOwnerAloneAndNotShown() throws Exception {
        Path file = Files.writeString(home.resolve("new"), "correct horse battery\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        Typed typed = type("user", "add", "carol", "--role", "viewer", "--new-password-file", file.toString());

        assertThat(typed).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(cloud.users.passwords).containsEntry("carol", "correct horse battery");
    }

    @ParameterizedTest
    @CsvSource({
        "correct horse battery, rw-r--r--, 6, others may read",
        "correct horse battery, rw-r-----, 6, others may read",
        "short, rw-------, 2, one line of 12 to 200 characters"
    })
    void aPasswordThatOthersKnowOrGuessIsRefused(String password, String permissions, int exit, String why)
            throws Exception {
        Path file = Files.writeString(home.resolve("new"), password);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));

        Typed typed = type("user", "add", "carol", "--role", "viewer", "--new-password-file", file.toString());

        assertThat(typed.exit()).isEqualTo(exit);
        assertThat(typed.err()).contains(why).doesNotContain(password);
        assertThat(cloud.users.passwords).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            user add carol --role veiwer           | there is no role 'veiwer': write viewer or operator | did you mean --role viewer?
            user add carol --role root             | there is no role 'root'                             | user add carol --role viewer
            user add carol                         | 'user add' needs --role ROLE                        | user add
            user add carol --role viewer --host s1 | a viewer looks at all hosts                         | user add
            user add a/b --role viewer             | 'a/b' is not a user name                            | choose a name
            user add carol --role operator --host S1 | 'S1' is not a controller name                     | user add
            user list --management amqp://x        | --management is not of the form http                | http://admin@localhost:15672
            user list --management http://a:b@x    | --management is not of the form http                | --admin-password-file
            user rn carol                          | 'rn'                                                | user rm
            """)
    void aMistakeIsSaidWithWhatToType(String line, String what, String hint) {
        Typed typed = type(line.split(" "));

        assertThat(typed.exit()).as(typed.err()).isEqualTo(2);
        assertThat(typed.err()).contains(what).contains(hint);
        assertThat(cloud.users.passwords).isEmpty();
    }

    @Test
    void oneThatIsNotThereDoesNotKeepTheOthers() {
        Typed typed = type("user", "rm", "nobody", "alice", "bob");

        assertThat(typed.exit()).isEqualTo(3);
        assertThat(typed.out()).isEqualTo("alice OK\nbob OK\n");
        assertThat(type("user", "list", "-q").out()).isEqualTo("admin\ns1\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            amqp://op@h/v          | -                    | - | http://h:15672  | op
            amqps://op@h/v         | -                    | - | https://h:15671 | op
            amqp://op@a:1,b:2/v    | -                    | - | http://a:15672  | op
            amqp://op@h/v          | -                    | x | http://h:15672  | admin
            amqp://op@h/v          | http://root@m:99     | x | http://m:99     | root
            amqp://op@h/v          | https://m            | - | https://m:15671 | op
            """)
    void theManagementApiIsWhereTheBrokerIsUnlessItIsNamed(
            String amqp, String management, String passwordFile, String server, String user) {
        type(Stream.of(
                        List.of("user", "list", "--amqp", amqp),
                        management == null ? List.<String>of() : List.of("--management", management),
                        passwordFile == null ? List.<String>of() : List.of("--admin-password-file", passwordFile))
                .flatMap(List::stream)
                .toArray(String[]::new));

        assertThat(cloud.administered).singleElement().satisfies(address -> {
            assertThat(address).hasToString(server);
            assertThat(address.user()).isEqualTo(user);
            assertThat(address.vhost()).isEqualTo("v");
        });
    }

    private Typed type(String... words) {
        return Typed.at(cloud, home, words);
    }
}
