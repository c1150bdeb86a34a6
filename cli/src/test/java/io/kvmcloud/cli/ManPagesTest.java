package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.controller.Controller;
import io.kvmcloud.manager.Manager;
import io.kvmcloud.messages.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The manual, as mandoc shows it: man-db's groff does the same, but lets more pass. */
class ManPagesTest {

    private static final Map<String, String> PAGES =
            ManPages.of(LocalDate.EPOCH, List.of(Manager.class, Controller.class));

    @TempDir
    private static Path manual;

    @BeforeAll
    static void write() throws IOException {
        for (var page : PAGES.entrySet()) {
            Path file = manual.resolve(page.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, page.getValue());
        }
    }

    @Test
    void eachVerbHasAPageUnderEachOfItsNames() {
        CommandLine line = KvmCloud.commandLine(
                new Cloud(new FakeCloud()),
                new Output(new ByteArrayOutputStream(), new ByteArrayOutputStream()),
                Typed.surroundings(manual));

        assertThat(line.getSubcommands().keySet())
                .allSatisfy(verb -> assertThat(PAGES).containsKey("man1/kvm-cloud-" + verb + ".1"));
        assertThat(PAGES).containsKeys("man1/kvm-cloud.1", "man8/kvm-cloud-manager.8", "man8/kvm-cloud-controller.8");
    }

    @Test
    void noPageHasAMistake() throws Exception {
        String[] files = PAGES.keySet().stream()
                .map(page -> manual.resolve(page).toString())
                .toArray(String[]::new);

        assertThat(said(words("mandoc -Tlint -Wwarning -K utf-8", files))).isEmpty();
    }

    @Test
    void aPageOfAVerbHasItsOptionsAndExamples() throws Exception {
        assertThat(shown("man1/kvm-cloud-launch.1"))
                .contains("kvm-cloud-launch - Create instances, start them and wait until they answer on SSH\n")
                .contains("kvm-cloud launch [OPTION...] [TEMPLATE]\n")
                .contains("--count=COUNT")
                .contains("kvm-cloud launch -q | xargs -I{} kvm-cloud ssh {} -- uname -a\n")
                .contains("1 to 100 (default: 1)");
        assertThat(shown("man1/kvm-cloud-rm.1")).contains("kvm-cloud delete [OPTION...] [ID...]\n");
        assertThat(shown("man1/kvm-cloud-template.1"))
                .contains("kvm-cloud template import [OPTION...] NAME\n")
                .contains("--kernel=FILE|URL");
        assertThat(shown("man1/kvm-cloud-down.1")).contains("-y, --yes");
    }

    @Test
    void thePageOfTheWholeTellsVerbsOptionsExitCodesVariablesAndFiles() throws Exception {
        String shown = shown("man1/kvm-cloud.1");

        assertThat(shown)
                .contains("kvm-cloud-launch(1)", "--amqp=URI", "(default: amqp://localhost/kvm-cloud)")
                .contains("KVM_CLOUD_AMQP", "KVM_CLOUD_WAIT", "KVM_CLOUD_HOME", "NO_COLOR")
                .contains("~/.local/state/kvm-cloud/templates", "kvm-cloud-controller(8)");
        assertThat(Arrays.stream(Reason.values()).mapToInt(Reason::exitCode))
                .allSatisfy(code -> assertThat(shown).containsPattern("\\n +" + code + " +\\p{Lu}"));
    }

    @Test
    void aPageOfAServiceHasTheVariablesOfItsOptions() throws Exception {
        assertThat(shown("man8/kvm-cloud-controller.8"))
                .contains(
                        "--work-dir=DIR", "(default: 80 % of this host's)", "KVM_CLOUD_WORK_DIR", "KVM_CLOUD_CA_FILE");
    }

    @Test
    void whatLooksLikeARequestIsText() throws Exception {
        Path page = Files.writeString(
                manual.resolve("strange.1"),
                new Roff("strange", 1, "1970-01-01", "0")
                        .section("A \"name\"")
                        .paragraph(".so \\fBnothing\\fR … `-x`")
                        .examples(List.of("'quoted' ~ ^ -- \\"))
                        .toString());

        assertThat(said("mandoc", "-Tlint", "-Wwarning", page.toString())).isEmpty();
        assertThat(shown("strange.1")).contains("A \"name\"", ".so \\fBnothing\\fR … -x", "'quoted' ~ ^ -- \\");
    }

    private static String shown(String page) throws Exception {
        // Bold is written by overstriking.
        return said("mandoc", "-Tutf8", "-Owidth=400", manual.resolve(page).toString())
                .replaceAll(".\b", "");
    }

    private static String[] words(String program, String... arguments) {
        String[] line = Arrays.copyOf(program.split(" "), program.split(" ").length + arguments.length);
        System.arraycopy(arguments, 0, line, line.length - arguments.length, arguments.length);
        return line;
    }

    private static String said(String... line) throws Exception {
        Process mandoc = new ProcessBuilder(line)
                .directory(manual.toFile())
                .redirectErrorStream(true)
                .start();
        try (var said = mandoc.inputReader()) {
            return said.readAllAsString();
        }
    }
}
