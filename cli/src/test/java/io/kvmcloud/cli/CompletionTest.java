package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tab: in our shell, and in those of the system. */
class CompletionTest {

    private static final String LINES = """
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
            kvm-cloud do              | doctor down
            kvm-cloud drain s         | s1 s2
            kvm-cloud undrain s1 s2   | s2
            kvm-cloud instances -c mem | memory
            kvm-cloud instances -c id,mem | id,memory
            kvm-cloud instances sta   | status=
            kvm-cloud list -q host    | host=
            kvm-cloud list --sort stat | status
            kvm-cloud template show c | cirros
            kvm-cloud template warm cirros --on s2 | s2
            kvm-cloud user add bob --role operator --host s1 | s1
            kvm-cloud cp notes.txt s2 | s2/2000:
            kvm-cloud help undr       | undrain
            """;

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
        assertThat(after("template warm")).containsExactly("cirros");
    }

    @Test
    void aHostIsCompletedAsAnOptionsValueToo() {
        assertThat(after("template warm cirros --on")).containsExactly("s1", "s2");
        assertThat(after("user add bob --host")).containsExactly("s1", "s2");
    }

    @Test
    void whatIsCopiedIsInAnInstanceBehindTheColon() {
        assertThat(after("cp notes.txt")).containsExactly("s1/1000:", "s2/2000:");
    }

    @Test
    void fishIsToldWhatAVerbDoesAndNothingOfItsLayout() {
        assertThat(Typed.at(cloud, home, "completion", "fish").out())
                .contains("-a 'help' -d 'Tell all about a verb")
                .doesNotContain("%n");
    }

    @Test
    void aVerbWithVerbsBelowItOffersThem() {
        assertThat(after("dead-letters")).containsExactly("list", "show", "requeue", "drop");
        assertThat(after("controllers forget")).containsExactly("s1", "s2");
        assertThat(after("controllers forget s1")).containsExactly("s2");
        assertThat(after("drain")).containsExactly("s1", "s2");
        assertThat(after("undrain s1")).containsExactly("s2");
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
        assertThat(shell().words(List.of("instances", "-c"), "id,mem")).contains("id,memory");
    }

    @Test
    void aCloudThatDoesNotAnswerCompletesNothingAndSaysNothing() {
        cloud.failure = new Failure(Reason.UNREACHABLE, "no manager is running", "");

        assertThat(after("run")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = LINES)
    void bashCompletesVerbsOptionsColumnsAndLiveNames(String line, String expected) throws Exception {
        String words = "'" + String.join("' '", line.split(" ")) + "'";

        assertThat(said("bash", "-euc", """
                        set +eu; source %s
                        complete -p kvm-cloud >/dev/null || exit 1
                        COMP_WORDS=(%s) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE='%s' COMP_POINT=${#COMP_LINE}
                        _kvm_cloud kvm-cloud 2>/dev/null; printf '%%s\n' "${COMPREPLY[@]}"
                        """.formatted(script("bash"), words, line)))
                .isEqualTo(expected.replace(' ', '\n') + "\n");
    }

    @Test
    void whatWasAskedForTheLastTabIsNotAskedAgain() throws Exception {
        said("bash", "-c", """
                        source %s
                        COMP_WORDS=(kvm-cloud run s) COMP_CWORD=2
                        _kvm_cloud kvm-cloud 2>/dev/null; _kvm_cloud kvm-cloud 2>/dev/null
                        """.formatted(script("bash")));
        said("fish", "--no-config", "-c", """
                        source %s
                        complete -C 'kvm-cloud run s' >/dev/null; complete -C 'kvm-cloud kill s' >/dev/null
                        """.formatted(script("fish")));

        assertThat(home.resolve("asked")).hasContent("instances\ninstances\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = LINES)
    void fishDoesToo(String line, String expected) throws Exception {
        String said = said("fish", "--no-config", "-c", "source %s; complete -C '%s'".formatted(script("fish"), line));

        assertThat(said.lines().map(candidate -> candidate.replaceFirst("\t.*", "")))
                .containsExactly(expected.split(" "));
    }

    /** In a terminal of its own, since it completes in no other place. */
    @ParameterizedTest
    @CsvSource({
        "kvm-cloud run s2, s2/2000",
        "kvm-cloud instances -c mem, memory",
        "kvm-cloud stop --time, --timeout",
        "kvm-cloud template verify c, cirros",
        "kvm-cloud cp notes.txt s2, s2/2000:",
        "kvm-cloud instances sta, status="
    })
    void zshReadsTheScriptOfBash(String line, String expected) throws Exception {
        assertThat(said("timeout", "30", "zsh", "-fc", """
                        zmodload zsh/zpty
                        zpty z 'zsh -f -i'
                        zpty -w z "PROMPT=; autoload -U compinit; compinit -u; source %s; echo rea''dy"
                        zpty -r z out '*ready*'
                        zpty -w -n z '%s'$'\t'
                        zpty -r z out '*%s*' && echo completed
                        """.formatted(script("zsh"), line, expected)))
                .isEqualTo("completed\n");
    }

    private Path script(String shell) throws IOException {
        return Files.writeString(
                home.resolve("completion"),
                Typed.at(cloud, home, "completion", shell).out());
    }

    /** With a program on its path that the scripts ask for live names. */
    private String said(String... line) throws Exception {
        Path program = Files.writeString(home.resolve("kvm-cloud"), """
                        #!/bin/sh
                        echo "$1" >>"${0%/*}/asked"
                        case $1 in
                          controllers) printf '%s\\n' s1 s2 ;;
                          instances) [ "$*" = "instances -f value -c id,name --wait 2" ] && printf '%s\\n' 's1/1000 -' 's2/2000 web' ;;
                          templates) echo cirros ;;
                        esac
                        """);
        assertThat(program.toFile().setExecutable(true)).isTrue();
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().merge("PATH", home.toString(), (path, ours) -> ours + ":" + path);
        builder.environment().putAll(Map.of("HOME", home.toString(), "TERM", "xterm", "LC_ALL", "C.UTF-8"));
        Process shell = builder.start();
        shell.getOutputStream().close();
        try (var said = shell.inputReader()) {
            String all = said.readAllAsString();
            assertThat(shell.waitFor()).as(all).isZero();
            return all;
        }
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
