package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/wire.md shows between its markers is what the programs do; {@code -Dgolden=write} brings it up to date. */
class WireDocTest {

    private static final Pattern MARKED = Pattern.compile("<!-- ([a-z.-]+) -->\n(.*?)<!-- end -->\n", Pattern.DOTALL);

    private static final Golden PAGE = Golden.page("wire.md");

    @Test
    void theExamplesAreTheGoldenFiles() {
        Map<String, String> expected = sections();
        PAGE.holds(MARKED.matcher(PAGE.text()).replaceAll(section -> {
            String name = section.group(1);
            String text = expected.getOrDefault(name, "there is no message " + name + "\n");
            return Matcher.quoteReplacement("<!-- " + name + " -->\n" + text + "<!-- end -->\n");
        }));
    }

    @Test
    void everyMessageIsThereOnce() {
        List<String> shown = MARKED.matcher(PAGE.text())
                .results()
                .map(MatchResult::group)
                .map(section -> section.substring(5, section.indexOf(" -->")))
                .toList();
        assertThat(shown).containsExactlyInAnyOrderElementsOf(sections().keySet());
    }

    private static Map<String, String> sections() {
        Map<String, String> sections = new HashMap<>();
        for (Message message : Samples.of(Message.class)) {
            String name = Golden.of(message).name();
            sections.put(name, section(message));
        }
        sections.put(
                "reasons",
                Arrays.stream(Reason.values())
                        .map(reason -> "| `" + reason + "` | " + reason.exitCode() + " | " + meaning(reason) + " |\n")
                        .collect(Collectors.joining(
                                "", "| reason | exit code of the CLI | meaning |\n|---|---|---|\n", "")));
        return sections;
    }

    private static String section(Message message) {
        String about = switch (message) {
            case Command<?> command ->
                "Key `" + Topology.keyOf(command) + "`, answered by `" + Message.wireName(Codec.answerType(command))
                        + "`.\n\n";
            case Event event -> "Key `" + Topology.keyOf(event) + "`.\n\n";
            default -> "";
        };
        return "### `" + message.wireName() + "`\n\n" + about + "```json\n"
                + Golden.of(message).text() + "```\n";
    }

    private static String meaning(Reason reason) {
        return switch (reason) {
            case FAILED -> "it went wrong, and nobody who asked is to blame: QEMU died, the disk is full, a defect";
            case INVALID -> "the command itself is wrong; the same again will be wrong again";
            case NOT_FOUND -> "no such instance, template or controller";
            case UNREACHABLE ->
                "the controller that is needed is away, or takes no commands; nothing may have happened yet";
            case TIMED_OUT -> "the deadline came before it could begin; it is not begun any more";
            case REFUSED -> "understood and not done: the instance's state forbids it, or there is no room";
        };
    }
}
