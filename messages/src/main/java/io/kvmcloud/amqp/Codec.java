package io.kvmcloud.amqp;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.RequestId;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records to JSON and back. The class is found by the message's wire name among the permitted subclasses of its family:
 * no registry to forget. Unknown fields are ignored, missing ones are named.
 */
public final class Codec {

    /** The largest body that is looked at, in bytes; the broker has the same limit. */
    public static final int MAX_BODY = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(32)
                            .maxDocumentLength(MAX_BODY)
                            .build())
                    .build())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .addModule(new SimpleModule()
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addDeserializer(Instant.class, new InstantReader()))
            .build();

    private static final byte[] EMPTY_LIST = "{\"instances\":[]}".getBytes(StandardCharsets.UTF_8);

    /** A family's messages by their wire names: looked up when one is wanted, since that loads all of them. */
    private static final ClassValue<Map<String, Class<? extends Message>>> FAMILIES = new ClassValue<>() {
        @Override
        protected Map<String, Class<? extends Message>> computeValue(Class<?> root) {
            Map<String, Class<? extends Message>> found = new HashMap<>();
            collect(root, found);
            return Map.copyOf(found);
        }
    };

    private Codec() {}

    /**
     * Does what the first message would wait for: some tens of milliseconds of loading. A program that is in a hurry calls it
     * beside what it does until then.
     */
    public static void prepare() {
        var _ = RequestId.next(Clock.systemUTC());
        var _ = encode(new Command.ListInstances());
        var _ = decode(Reply.InstanceList.class, EMPTY_LIST); // what most ask for first
    }

    /** The message as JSON in UTF-8. */
    public static byte[] encode(Message message) {
        try {
            return JSON.writeValueAsBytes(message);
        } catch (JsonProcessingException defect) {
            throw new IllegalStateException("cannot write " + message.wireName() + " as JSON", defect);
        }
    }

    /** The message as a JSON tree, for output in the CLI. */
    public static JsonNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    /** @throws CommandFailed with {@link Reason#INVALID} and the reason when it is no command */
    public static Command<?> command(Envelope envelope) {
        return (Command<?>) decode(envelope, Command.class);
    }

    /**
     * The command that was published with this key.
     *
     * @throws CommandFailed with {@link Reason#INVALID} when it is no command, or belongs under another key: the broker's
     *     permissions hang on the key, so who may only read must not get more by calling a write a read
     */
    public static Command<?> command(Envelope envelope, @Nullable String key) {
        Command<?> command = command(envelope);
        String right = Topology.keyOf(command);
        if (!right.equals(key)) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "it was published with key '" + Text.shorten(String.valueOf(key)) + "' but carries " + right,
                    "publish it with key " + right);
        }
        return command;
    }

    /** @throws CommandFailed with {@link Reason#INVALID} and the reason when it is no reply */
    public static Reply reply(Envelope envelope) {
        return (Reply) decode(envelope, Reply.class);
    }

    /**
     * What answers this command.
     *
     * @throws CommandFailed with {@link Reason#FAILED} when it is no reply, or the reply to another command
     */
    public static <R extends Reply> Reply answer(Command<R> command, Envelope envelope) {
        try {
            Class<? extends Reply> good = answerType(command);
            checkVersion(envelope, Reply.class);
            if (Message.wireName(good).equals(envelope.type())) {
                return decode(good, envelope.body());
            }
            Reply reply = reply(envelope);
            if (!(reply instanceof Reply.Failure)) {
                throw invalid("it is a " + reply.wireName());
            }
            return reply;
        } catch (CommandFailed misfit) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "the answer to " + command.wireName() + " makes no sense: " + misfit.getMessage(),
                    "the request may have been carried out; are all parts of the cloud of the same version?",
                    misfit);
        }
    }

    /** What the next page of a list begins after, without reading its rows; empty when it does not say that first. */
    static Optional<String> next(Envelope list) {
        try (JsonParser parser = JSON.createParser(list.body())) {
            boolean first = parser.nextToken() == JsonToken.START_OBJECT && "next".equals(parser.nextFieldName());
            return Optional.ofNullable(first ? parser.nextTextValue() : null).filter(next -> !next.isEmpty());
        } catch (IOException malformed) {
            return Optional.empty(); // which is said when it is read
        }
    }

    /** The class of a command's good answer: the type parameter it gives its family. */
    static Class<? extends Reply> answerType(Command<?> command) {
        ParameterizedType family = (ParameterizedType) command.getClass().getGenericInterfaces()[0];
        return ((Class<?>) family.getActualTypeArguments()[0]).asSubclass(Reply.class);
    }

    /** @throws CommandFailed with {@link Reason#INVALID} and the reason when it is no event */
    public static Event event(Envelope envelope) {
        return (Event) decode(envelope, Event.class);
    }

    /** @throws CommandFailed with {@link Reason#INVALID} and the reason when it is no inquiry */
    public static Inquiry inquiry(Envelope envelope) {
        return (Inquiry) decode(envelope, Inquiry.class);
    }

    /** A reply from its wire name and JSON, as a journal keeps it. */
    public static Reply reply(String wireName, byte[] json) {
        return (Reply) decode(wireName, json, Reply.class);
    }

    /** A command from its wire name and JSON, as a journal keeps it. */
    public static Command<?> command(String wireName, byte[] json) {
        return (Command<?>) decode(wireName, json, Command.class);
    }

    private static Message decode(Envelope envelope, Class<? extends Message> family) {
        checkVersion(envelope, family);
        return decode(Objects.requireNonNullElse(envelope.type(), ""), envelope.body(), family);
    }

    private static void checkVersion(Envelope envelope, Class<? extends Message> family) {
        Object version = envelope.headers().getOrDefault(Headers.VERSION, Message.VERSION);
        if (!(version instanceof Number number) || number.longValue() < 1 || number.longValue() > Message.VERSION) {
            throw invalid("this " + what(family) + " is of wire version '" + Text.shorten(version.toString())
                    + "', the highest known here is " + Message.VERSION);
        }
    }

    /** What people call a family, like {@code command}. */
    private static String what(Class<? extends Message> family) {
        return family.getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static Message decode(String type, byte[] body, Class<? extends Message> family) {
        Class<? extends Message> known = FAMILIES.get(family).get(type);
        if (known == null) {
            throw invalid(
                    type.isEmpty()
                            ? "the message has no type property"
                            : "there is no " + what(family) + " '" + Text.shorten(type) + "'");
        }
        return decode(known, body);
    }

    private static <M extends Message> M decode(Class<M> known, byte[] body) {
        if (body.length > MAX_BODY) {
            throw invalid("the " + Message.wireName(known) + " has " + body.length + " bytes, at most " + MAX_BODY
                    + " are read");
        }
        try {
            ObjectReader reader = JSON.readerFor(known);
            M message = reader.readValue(body);
            if (message == null) {
                throw invalid("the body of " + Message.wireName(known) + " is null instead of a JSON object");
            }
            Completeness.firstNull(message).ifPresent(where -> {
                throw invalid("the body of " + Message.wireName(known) + " does not fit: '" + where + "' is missing");
            });
            return message;
        } catch (JsonProcessingException malformed) {
            throw invalid("the body of " + Message.wireName(known) + " does not fit: " + Misfit.explain(malformed));
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory failed", impossible);
        }
    }

    private static CommandFailed invalid(String message) {
        return new CommandFailed(Reason.INVALID, message, "docs/wire.md shows every message");
    }

    private static void collect(Class<?> type, Map<String, Class<? extends Message>> found) {
        Class<?> @Nullable [] permitted = type.getPermittedSubclasses();
        if (permitted == null) {
            Class<? extends Message> leaf = type.asSubclass(Message.class);
            Class<?> twin = found.put(Message.wireName(leaf), leaf);
            if (twin != null) {
                throw new IllegalStateException(leaf + " and " + twin + " have the same wire name");
            }
            return;
        }
        for (Class<?> subclass : permitted) {
            collect(subclass, found);
        }
    }
}
