package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.amqp.Golden;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.settings.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Holds what each verb writes in each format to its golden file, and what it writes as JSON to its schema in
 * {@code docs/schema}; {@code -Dgolden=write} writes the files anew.
 */
class OutputTest {

    /** Its result is made by picocli from all the others. */
    private static final String COMPLETION = "completion";

    /** A command line for each verb that writes a result. */
    private static final Map<String, String> LINES = new TreeMap<>(Map.ofEntries(
            Map.entry("templates", "templates"),
            Map.entry("template show", "template show cirros"),
            Map.entry("template warm", "template warm cirros --on s1 --op-id mine"),
            Map.entry("template import", "template import mine --disk http://127.0.0.1/a --on s1 --op-id mine"),
            Map.entry("template verify", "template verify cirros --on s1"),
            Map.entry("template rm", "template rm other --on s1 --op-id mine"),
            Map.entry("template gc", "template gc --on s1 --op-id mine"),
            Map.entry("forward", "forward s1/1000 8080:80 --op-id mine"),
            Map.entry("launch", "launch cirros --no-wait --op-id mine"),
            Map.entry("new", "new cirros 64 2 --op-id mine"),
            Map.entry("instances", "instances"),
            Map.entry("run", "run s2/2000 --op-id mine"),
            Map.entry("stop", "stop s1/1000 --op-id mine"),
            Map.entry("kill", "kill s1/1000 --op-id mine"),
            Map.entry("restart", "restart s2/2000 --op-id mine"),
            Map.entry("pause", "pause s1/1000 --op-id mine"),
            Map.entry("resume", "resume s2/2000 --op-id mine"),
            Map.entry("delete", "delete s2/2000 --op-id mine"),
            Map.entry("info", "info s1/1000"),
            Map.entry("logs", "logs s1/1000"),
            Map.entry("controllers", "controllers"),
            Map.entry("events", "events"),
            Map.entry("top", "top"),
            Map.entry("controllers forget", "controllers forget s2"),
            Map.entry("doctor", "doctor"),
            Map.entry("drain", "drain s1 --op-id mine"),
            Map.entry("undrain", "undrain s1 --op-id mine"),
            Map.entry("op show", "op show o-1"),
            Map.entry("dead-letters", "dead-letters"),
            Map.entry("dead-letters list", "dead-letters list"),
            Map.entry("dead-letters show", "dead-letters show 5e0c9a71"),
            Map.entry("dead-letters requeue", "dead-letters requeue 5e0c9a71 0b7d44f2"),
            Map.entry("dead-letters drop", "dead-letters drop 5e0c9a71 0b7d44f2"),
            Map.entry("ping", "ping"),
            Map.entry("definitions", "definitions DIR"),
            Map.entry("user add", "user add carol --role operator --host s1"),
            Map.entry("user list", "user list"),
            Map.entry("user rm", "user rm bob alice"),
            Map.entry(COMPLETION, "completion bash")));

    /** What starts something else, or only has verbs below it. */
    private static final Set<String> WITHOUT_RESULT =
            Set.of("ssh", "cp", "console", "shell", "help", "up", "down", "status", "op", "template", "user");

    /** Where a sentence is part of the row. */
    private static final Set<String> WIDE = Set.of("dead-letters", "dead-letters list", "doctor");

    @TempDir
    private Path home;

    private static Set<String> verbs() {
        return LINES.keySet();
    }

    private static Set<String> ours() {
        return verbs().stream().filter(verb -> !verb.equals(COMPLETION)).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("ours")
    void aVerbWritesWhatItsGoldenFileShows(String verb) {
        var transcript = new StringBuilder();
        for (Format format : Format.values()) {
            Typed typed = type(verb, "--format", format.toString());
            transcript.append("$ kvm-cloud ").append(LINES.get(verb));
            transcript
                    .append(format == Format.TABLE ? "" : " --format " + format)
                    .append('\n');
            transcript.append(typed.out().replace("\r\n", "␍\n"));
        }
        Golden.resource("output/" + fileName(verb) + ".txt").holds(settled(transcript.toString()));
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void whatAVerbWritesAsJsonIsAsItsSchemaSays(String verb) throws IOException {
        String json = type(verb, "--format", "json").out();

        assertThat(Schema.of(fileName(verb)).misfits(new JsonMapper().readTree(json)))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ours")
    void aTableFitsSixtyColumns(String verb) {
        assertThat(settled(type(verb).out()).lines())
                .filteredOn(line -> !WIDE.contains(verb))
                .allMatch(line -> line.length() <= 60);
    }

    @Test
    void anErrorIsWrittenInEachFormatAsItsGoldenFileShowsAndAsItsSchemaSays() throws IOException {
        var transcript = new StringBuilder();
        for (Format format : Format.values()) {
            var cloud = new FakeCloud();
            cloud.failure = new Failure(Reason.REFUSED, "no controller has room\n  s1: 64 MiB", "ask for less");
            Typed typed = Typed.at(cloud, home, "new", "cirros", "64", "2", "--op-id", "mine", "-f", format.toString());
            transcript
                    .append("$ kvm-cloud new cirros 64 2 --op-id mine --format ")
                    .append(format)
                    .append('\n');
            transcript.append(typed.err());
            if (format == Format.JSON) {
                assertThat(Schema.of("error").misfits(new JsonMapper().readTree(typed.err())))
                        .isEmpty();
            }
        }
        Golden.resource("output/error.txt").holds(transcript.toString());
    }

    @Test
    void everyVerbIsHere() {
        var output = new Output(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        CommandLine all = KvmCloud.commandLine(new Cloud(new FakeCloud()), output, Typed.surroundings(home));
        Set<String> verbs = new TreeSet<>(names("", all));

        verbs.removeAll(WITHOUT_RESULT);

        assertThat(verbs).isEqualTo(LINES.keySet());
    }

    private static List<String> names(String before, CommandLine line) {
        List<String> names = new ArrayList<>();
        line.getSubcommands().values().stream().distinct().forEach(verb -> {
            names.add(before + verb.getCommandName());
            names.addAll(names(before + verb.getCommandName() + " ", verb));
        });
        return names;
    }

    /** At a cloud of its own, so that all formats show the same. */
    private Typed type(String verb, String... options) {
        var cloud = new FakeCloud();
        cloud.put(FakeCloud.instance("s2/2002", InstanceStatus.FAILED, 2302, "rootfs, \"again\""), 0.4, true);
        cloud.put(FakeCloud.instance("s3/3000", InstanceStatus.ONLINE, 2400, ""), 12.3, false);
        String line = LINES.getOrDefault(verb, "").replace("DIR", home.toString());
        return Typed.at(
                cloud,
                home,
                Stream.concat(Stream.of(line.split(" ")), Stream.of(options)).toArray(String[]::new));
    }

    /** Without what is different each time. */
    private String settled(String text) {
        return text.replace(home.toString(), "DIR")
                .replace(Version.current(), "VERSION")
                .replaceAll("Java [0-9.]+", "Java 25")
                .replaceAll("[0-9.]+ [MG]iB free of [0-9.]+ [MG]iB", "12 GiB free of 20 GiB")
                .replaceAll(" in \\(\\d+ ms\\)", " in (3 ms)")
                .replaceAll("(\"at\" : \"|at: \"?)20[0-9TZ:.-]+", "$1NOW")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID")
                .replaceAll("(?<![A-Za-z0-9_-])(?![a-z]{32})[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])", "PASSWORD")
                .replaceAll("(milliseconds\\W+|answers in |m1,|m1 )[0-9.]+", "$11.25");
    }

    private static String fileName(String verb) {
        return verb.replace(' ', '-');
    }
}
