package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tab: in the shell, and in bash. */
class CompletionTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void verbsComeFirst() {
        assertThat(after(""))
                .contains("templates", "new", "run", "start", "exit", "up")
                .doesNotContain("s1/1000");
        assertThat(after("help")).contains("templates");
    }

    @Test
    void anIdIsALiveOneThatIsNotThereYet() {
        assertThat(after("run")).containsExactly("s1/1000", "s2/2000");
        assertThat(after("run s1/1000")).containsExactly("s2/2000");
        assertThat(after("stop --timeout 5")).containsExactly("s1/1000", "s2/2000");
        assertThat(after("delete -f")).containsExactly("s1/1000", "s2/2000");
        assertThat(after("info s1/1000")).isEmpty();
    }

    @Test
    void namesAreAsGoodAsIds() {
        cloud.put("s1/1001", "web");

        assertThat(after("run")).containsExactly("s1/1000", "s1/1001", "web", "s2/2000");
    }

    @Test
    void aTemplateIsOneThatIsOffered() {
        assertThat(after("new")).containsExactly("cirros");
        assertThat(after("new cirros")).isEmpty();
    }

    @Test
    void aVerbWithVerbsBelowItOffersThem() {
        assertThat(after("dead-letters")).containsExactly("list", "show", "requeue", "drop");
        assertThat(after("controllers forget")).containsExactly("s1", "s2");
        assertThat(after("controllers forget s1")).containsExactly("s2");
        assertThat(shell().words(List.of("dead-letters", "drop"), "--")).contains("--all", "--format");
    }

    @Test
    void optionsAreThoseOfTheVerb() {
        assertThat(shell().words(List.of("stop"), "--"))
                .contains("--timeout", "--format")
                .doesNotContain("--lines");
        assertThat(after("stop -f")).containsExactly("table", "json", "yaml", "csv", "value");
        assertThat(after("stop --timeout")).isEmpty();
    }

    @Test
    void columnsAreThoseOfWhatTheVerbWrites() {
        assertThat(after("templates -c")).contains("name", "login").doesNotContain("cpus");
        assertThat(after("instances --sort")).contains("id", "memory");
        assertThat(after("instances")).contains("status=", "host=");
        assertThat(after("dead-letters list status=x -q")).contains("type=");
    }

    @Test
    void aCloudThatDoesNotAnswerCompletesNothingAndSaysNothing() {
        cloud.failure = new Failure(Reason.UNREACHABLE, "no manager is running", "");

        assertThat(after("run")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            kvm-cloud inst            | instances
            kvm-cloud run s2          | s2/2000
            kvm-cloud -f json run s2  | s2/2000
            kvm-cloud kill s1/1000 s2 | s2/2000
            kvm-cloud ssh w           | web
            kvm-cloud new ci          | cirros
            kvm-cloud controllers fo  | forget
            kvm-cloud controllers forget s2 | s2
            kvm-cloud dead-letters re | requeue
            kvm-cloud stop --time     | --timeout
            kvm-cloud run -q s1       | s1/1000
            kvm-cloud instances -f y  | yaml
            kvm-cloud do              | down
            """)
    void bashCompletesVerbsOptionsAndLiveNames(String line, String expected) throws Exception {
        Path script = Files.writeString(
                home.resolve("completion.bash"),
                Typed.at(cloud, home, "completion", "bash").out());
        // The program that the script asks for live names.
        Path program = Files.writeString(home.resolve("kvm-cloud"), """
                        #!/bin/sh
                        case $1 in
                          controllers) printf '%s\\n' s1 s2 ;;
                          instances) [ "$*" = "instances -f value -c id,name --wait 2" ] && printf '%s\\n' 's1/1000 -' 's2/2000 web' ;;
                          templates) echo cirros ;;
                        esac
                        """);
        assertThat(program.toFile().setExecutable(true)).isTrue();
        String words = "'" + String.join("' '", line.split(" ")) + "'";

        Process bash = new ProcessBuilder("bash", "-euc", """
                        PATH=%s:$PATH; set +eu; source %s
                        complete -p kvm-cloud >/dev/null || exit 1
                        COMP_WORDS=(%s) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE='%s' COMP_POINT=${#COMP_LINE}
                        _kvm_cloud kvm-cloud 2>/dev/null; printf '%%s\\n' "${COMPREPLY[@]}"
                        """.formatted(home, script, words, line))
                .redirectErrorStream(true)
                .start();
        bash.getOutputStream().close();

        try (var said = bash.inputReader()) {
            assertThat(said.readAllAsString()).isEqualTo(expected + "\n");
        }
        assertThat(bash.waitFor()).isZero();
    }

    private List<String> after(String words) {
        return shell().words(words.isEmpty() ? List.of() : List.of(words.split(" ")), "");
    }

    private Completion shell() {
        var asked = new Cloud(cloud);
        var output = new Output(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        var verbs = KvmCloud.commandLine(asked, output, Typed.surroundings(home));
        verbs.parseArgs("shell"); // gives every option its default
        return new Completion(verbs, new LiveNames(asked));
    }
}
