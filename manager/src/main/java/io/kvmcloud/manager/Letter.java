package io.kvmcloud.manager;

import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DeadLetter;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.DeadLetterShown;
import io.kvmcloud.messages.Text;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One dead letter read. There are three kinds: a manager {@link Answers#bury buried} it and wrote down why; the broker took it
 * out of a queue, by that queue's policy; or somebody put it there without being asked.
 */
final class Letter {

    /** With these a thousand letters fit into one answer, whatever is in them. */
    private static final int LONGEST_WORD = 80;

    private static final int LONGEST_WHY = 200;

    private static final int LONGEST_BODY = 64 << 10;
    private static final int LONGEST_HEADER = 500;
    private static final int MOST_HEADERS = 50;

    private Letter() {}

    static DeadLetter of(Delivery letter) {
        return new DeadLetter(
                id(letter),
                when(letter),
                plain(why(letter), LONGEST_WHY),
                plain(from(letter), LONGEST_WORD),
                plain(letter.envelope().type(), LONGEST_WORD),
                plain(key(letter), LONGEST_WORD),
                letter.envelope().body().length);
    }

    static DeadLetterShown shown(Delivery letter) {
        Envelope envelope = letter.envelope();
        List<String> lines = new ArrayList<>();
        Map<String, @Nullable Object> all = new TreeMap<>(envelope.headers());
        all.put("message_id", envelope.messageId());
        all.put("correlation_id", envelope.correlationId());
        all.put("reply_to", envelope.replyTo());
        all.put("user_id", envelope.userId());
        all.put("app_id", envelope.appId());
        all.forEach((name, value) -> {
            if (value != null && lines.size() < MOST_HEADERS) {
                lines.add(Text.shorten(name + ": " + value, LONGEST_HEADER));
            }
        });
        byte[] body = envelope.body();
        String text = new String(body, 0, Math.min(body.length, LONGEST_BODY), StandardCharsets.UTF_8);
        return new DeadLetterShown(of(letter), lines, text);
    }

    /** Of what does not change from look to look; the broker adds headers that do. */
    static String id(Delivery letter) {
        Envelope envelope = letter.envelope();
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (@Nullable
            String part : new @Nullable String[] {
                letter.exchange(),
                letter.routingKey(),
                envelope.type(),
                envelope.messageId(),
                envelope.userId(),
                when(letter),
                why(letter)
            }) {
                digest.update((part + "\n").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(envelope.body()), 0, 4);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * The same command once more, as a possible repeat, with a new deadline: its operator wants it now.
     *
     * @throws CommandFailed {@link Reason#REFUSED} when it is no command, or nobody has checked who sent it
     */
    static Envelope again(Delivery letter, Instant now) {
        Envelope from = letter.envelope();
        if (!Topology.DEAD.equals(letter.exchange())) {
            throw unusable(letter, why(letter));
        }
        String key = key(letter);
        Map<String, Object> headers = new HashMap<>();
        for (String header : List.of(Headers.VERSION, Headers.TEMPLATE, Headers.MEMORY, Headers.CPUS, Headers.NAME)) {
            Object value = from.headers().get(header);
            if (value != null) {
                headers.put(header, value);
            }
        }
        headers.put(Headers.DEADLINE, now.plus(Intake.DEFAULT_LIFE).toEpochMilli());
        headers.put(Headers.ATTEMPT, Math.max(0, from.number(Headers.ATTEMPT, 0)) + 1);
        headers.put(Headers.KEY, key);
        headers.put(Headers.REQUEUED, true);
        if (!from(letter).isEmpty()) {
            headers.put(Headers.ON_BEHALF_OF, from(letter));
        }
        Envelope again = new Envelope(
                from.type(),
                from.messageId(),
                from.correlationId(),
                null, // who asked is not listening any more
                null,
                Answers.APP,
                headers,
                Duration.ofMillis(1), // it need not wait for anyone
                true,
                from.body());
        if (Intake.read(new Delivery(Topology.COMMANDS, key, true, again, 0), now)
                instanceof Incoming.Malformed malformed) {
            throw unusable(letter, malformed.failure().message());
        }
        try {
            Codec.command(again, key);
        } catch (CommandFailed unreadable) {
            throw unusable(letter, unreadable.failure().message());
        }
        return again;
    }

    private static CommandFailed unusable(Delivery letter, String why) {
        String id = id(letter);
        return new CommandFailed(
                Reason.REFUSED,
                "dead letter " + id + " cannot be sent again: " + Intake.plain(why),
                "`kvm-cloud dead-letters drop " + id + "` removes it");
    }

    private static String why(Delivery letter) {
        Envelope envelope = letter.envelope();
        if (buried(letter)) {
            return Objects.requireNonNullElse(envelope.header(Headers.WHY), "");
        }
        Map<?, ?> death = death(letter);
        if (death.isEmpty()) {
            return "put there by " + (envelope.userId() == null ? "an unnamed user" : envelope.userId())
                    + " through exchange '" + letter.exchange() + "', not by the cloud";
        }
        String queue = String.valueOf(death.get("queue"));
        return switch (String.valueOf(death.get("reason"))) {
            case "rejected" -> "refused by who consumes " + queue + "; its log says why";
            case "delivery_limit" -> "taken from " + queue + " again and again and never finished";
            case "expired" -> "nobody took it out of " + queue + " in time";
            case "maxlen" -> queue + " was full";
            case String reason -> "taken out of " + queue + ": " + reason;
        };
    }

    private static String when(Delivery letter) {
        if (buried(letter)) {
            return Instant.ofEpochMilli(letter.envelope().number(Headers.WHEN, 0))
                    .toString();
        }
        return death(letter).get("time") instanceof Date time ? time.toInstant().toString() : "";
    }

    /** A manager's own messages say in a header whom they are for. */
    private static String from(Delivery letter) {
        Envelope envelope = letter.envelope();
        @Nullable String user = fromManager(envelope) ? envelope.header(Headers.ON_BEHALF_OF) : envelope.userId();
        return Objects.requireNonNullElse(user, "");
    }

    private static String key(Delivery letter) {
        Envelope envelope = letter.envelope();
        @Nullable String key = fromManager(envelope) ? envelope.header(Headers.KEY) : null;
        return Objects.requireNonNullElse(key, letter.routingKey());
    }

    private static boolean buried(Delivery letter) {
        return fromManager(letter.envelope()) && letter.envelope().headers().containsKey(Headers.WHY);
    }

    private static boolean fromManager(Envelope envelope) {
        return Topology.MANAGER_USER.equals(envelope.userId());
    }

    /** The broker's own word, which only it can write behind {@link Topology#DEAD}. */
    private static Map<?, ?> death(Delivery letter) {
        return Topology.DEAD.equals(letter.exchange())
                        && letter.envelope().headers().get(Headers.DEATHS) instanceof List<?> deaths
                        && !deaths.isEmpty()
                        && deaths.getFirst() instanceof Map<?, ?> latest
                ? latest
                : Map.of();
    }

    private static String plain(@Nullable String text, int longest) {
        return text == null ? "" : Text.shorten(text.replaceAll("[^\\x20-\\x7e]", "?"), longest);
    }
}
