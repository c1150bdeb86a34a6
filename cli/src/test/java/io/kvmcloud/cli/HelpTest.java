package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Each verb's help ends with command lines that the verb understands; most of them are carried out here. */
class HelpTest {

    /** They wait for a guest, for a person, or write where the example says. */
    private static final Set<String> ONLY_READ = Set.of("launch", "ssh", "cp", "shell", "definitions");

    private static final Set<String> OF_THE_LAUNCHER = Set.of("up", "down", "status");

    @TempDir
    private static Path home;

    private static Stream<String> verbs() {
        return verbs("", line("help")).filter(verb -> !verb.equals("help") && !OF_THE_LAUNCHER.contains(verb));
    }

    private static Stream<String> verbs(String before, CommandLine line) {
        return line.getSubcommands().values().stream().distinct().flatMap(verb -> {
            String name = before + verb.getCommandName();
            Stream<String> below = verbs(name + " ", verb);
            return verb.getCommand() instanceof Callable<?> ? Stream.concat(Stream.of(name), below) : below;
        });
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void theExamplesOfAVerbWork(String verb) throws Exception {
        String key = Files.writeString(home.resolve("id_ed25519.pub"), "ssh-rsa AAAAB3Nza bob\n")
                .toString();
        List<String> examples = Typed.at(new FakeCloud(), home, (verb + " --help").split(" "))
                .out()
                .lines()
                .dropWhile(line -> !line.equals("Examples:"))
                .skip(1)
                .toList();

        assertThat(examples).isNotEmpty().allMatch(example -> example.contains("kvm-cloud " + verb));
        for (String example : examples) {
            // As far as the shell hands it over: to the next program, or to the end of what it reads or writes.
            String words = example.replaceFirst("^.*?kvm-cloud ", "").replaceFirst(" *[|<>)].*", "");
            String once = words.replace("--iterations 12", "--iterations 1"); // twelve would be a minute
            String[] line = once.replace("id_ed25519.pub", key).split(" ");
            if (ONLY_READ.contains(line[0])) {
                line(line).parseArgs(line);
            } else {
                assertThat(Typed.reading("", () -> Typed.at(new FakeCloud(), home, line))
                                .exit())
                        .as(example)
                        .isNotEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true,  xterm-256color, '', true",
        "true,  xterm-256color, 1,  false",
        "true,  dumb,           '', false",
        "false, xterm-256color, '', false"
    })
    void itIsColouredOnATerminalThatCanUnlessNoColorIsSet(
            boolean terminal, String type, String noColor, boolean coloured) {
        var out = new ByteArrayOutputStream();
        var surroundings = new Surroundings(Map.of("TERM", type, "NO_COLOR", noColor), terminal, false);

        KvmCloud.commandLine(new Cloud(new FakeCloud()), new Output(out, new ByteArrayOutputStream()), surroundings)
                .execute("instances", "--help");

        assertThat(out.toString(StandardCharsets.UTF_8).contains("\u001b")).isEqualTo(coloured);
    }

    private static CommandLine line(String... words) {
        var output = new Output(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        return KvmCloud.commandLine(new Cloud(new FakeCloud()), output, Typed.surroundings(home), words);
    }
}
