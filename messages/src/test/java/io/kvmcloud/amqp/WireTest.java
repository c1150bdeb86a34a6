package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every message to its golden file: a changed wire shows in review. A new record is picked up by itself. */
class WireTest {

    private static final JsonMapper JSON = new JsonMapper();
    /** What may be left out: a field of one message, or wherever it is. */
    private static final Set<String> OPTIONAL = Set.of(
            "instance.stop force",
            "sshKeys",
            "instance.new name",
            "instance.new disk",
            "instance.log since",
            "instance.log seconds",
            "instance.log from",
            "instance.log next",
            "instance.log running",
            "event.list since",
            "event.list seconds",
            "page",
            "after",
            "instance.list next",
            "controller.list next",
            "userData",
            "forwards",
            "protocol",
            "diskMillis",
            "digest",
            "draining",
            "imports",
            "bytes",
            "warm",
            "controller.up from",
            "controller.up to");

    private static final Set<String> OPTIONAL_OF_AN_INSTANCE = Set.of("name", "disk");

    static List<Message> everyMessage() {
        return Samples.of(Message.class);
    }

    static List<Command<?>> everyCommand() {
        return Samples.of(Command.class).stream()
                .<Command<?>>map(Command.class::cast)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void aMessageIsWrittenAsItsGoldenFileShows(Message message) throws IOException {
        Golden.of(message).holds(pretty(Codec.encode(message)));
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void aGoldenFileIsReadAsItsMessage(Message message) {
        assertThat(read(message, Golden.of(message).text())).isEqualTo(message);
    }

    @Test
    void everyGoldenFileBelongsToAMessage() throws IOException {
        Set<String> expected = everyMessage().stream()
                .map(message -> Golden.of(message).file().getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.list(Golden.DIRECTORY)) {
            assertThat(files.map(file -> file.getFileName().toString())).hasSameElementsAs(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void aFieldOfALaterVersionIsIgnored(Message message) throws IOException {
        ObjectNode later = golden(message).put("addedLater", "x");
        later.properties().forEach(field -> {
            if (field.getValue() instanceof ObjectNode nested) {
                nested.put("addedLater", 1);
            }
        });
        assertThat(read(message, later.toString())).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void aMissingFieldIsNamedHoweverDeepItIs(Message message) throws IOException {
        for (String path : fields("", golden(message))) {
            String field = path.substring(path.lastIndexOf('.') + 1);
            if (OPTIONAL.contains(field) || OPTIONAL.contains(message.wireName() + " " + path)) {
                continue;
            }
            ObjectNode without = golden(message);
            int dot = path.lastIndexOf('.');
            JsonNode parent =
                    dot < 0 ? without : without.at("/" + path.substring(0, dot).replace('.', '/'));
            if (parent.has("sshPort") && OPTIONAL_OF_AN_INSTANCE.contains(path.substring(dot + 1))) {
                continue;
            }
            ((ObjectNode) parent).remove(path.substring(dot + 1));
            assertThatThrownBy(() -> read(message, without.toString()))
                    .as(path)
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageContaining("'" + path.replaceAll("\\.(\\d+)", "[$1]") + "'");
        }
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void theGoodAnswerOfACommandIsOneKindOfReply(Command<?> command) {
        Class<? extends Reply> answer = Codec.answerType(command);
        assertThat(answer).isFinal().isRecord().isNotEqualTo(Reply.Failure.class);
        Reply sample = Samples.of(Reply.class).stream()
                .filter(answer::isInstance)
                .map(Reply.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(Codec.answer(command, envelope(sample))).isEqualTo(sample);
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void theAnswerToAnotherCommandIsNoAnswer(Command<?> command) {
        Reply other = command instanceof Command.Ping ? new Reply.InstanceList(List.of()) : new Reply.Pong("m1");
        assertThatThrownBy(() -> Codec.answer(command, envelope(other)))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContainingAll("the answer to " + command.wireName(), "it is a " + other.wireName());
    }

    @Test
    void whoKnowsNoPagesAsksForTheWholeList() {
        Message list = Samples.of(Command.ListInstances.class).getFirst();

        assertThat(read(list, "{}")).isEqualTo(new Command.ListInstances(Page.WHOLE));
        assertThatThrownBy(() -> read(list, "{\"page\": {\"after\": \"s1\", \"limit\": 1}}"))
                .hasMessageContaining("'s1' is not an instance id");
        assertThatThrownBy(() -> read(list, "{\"page\": {\"limit\": 10001}}"))
                .hasMessageContaining("a page has between 1 and 10000 rows, not 10001");
    }

    @Test
    void wireNamesAreOfOneForm() {
        assertThat(everyMessage()).extracting(Message::wireName).allMatch(name -> name.matches("[a-z-]+(\\.[a-z-]+)?"));
    }

    private static Envelope envelope(Message message) {
        return Envelopes.of(message.wireName(), Codec.encode(message));
    }

    private static Message read(Message like, String json) {
        Envelope envelope = Envelopes.of(like.wireName(), json.getBytes(StandardCharsets.UTF_8));
        return switch (like) {
            case Command<?> _ -> Codec.command(envelope);
            case Reply _ -> Codec.reply(envelope);
            case Event _ -> Codec.event(envelope);
            case Inquiry _ -> Codec.inquiry(envelope);
        };
    }

    private static ObjectNode golden(Message message) throws IOException {
        return (ObjectNode) JSON.readTree(Golden.of(message).text());
    }

    private static String pretty(byte[] json) throws IOException {
        return Golden.pretty(JSON.readTree(json));
    }

    /** Every field as a path like {@code instances.0.id}. */
    private static List<String> fields(String path, JsonNode node) {
        Stream<String> below = node.isArray()
                ? IntStream.range(0, node.size()).boxed().flatMap(i -> fields(path + i + ".", node.get(i)).stream())
                : node.properties().stream()
                        .flatMap(field -> Stream.concat(
                                Stream.of(path + field.getKey()),
                                fields(path + field.getKey() + ".", field.getValue()).stream()));
        return below.toList();
    }
}
