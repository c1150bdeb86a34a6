package io.kvmcloud.manager;

import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.manager.Incoming.Echo;
import io.kvmcloud.manager.Incoming.Malformed;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.InstanceName;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The only reader of envelopes: exchange, routing key, properties and headers, never the body. */
final class Intake {

    /** How long a command lives whose client gave no deadline. */
    static final Duration DEFAULT_LIFE = Duration.ofMinutes(5);

    private static final Duration LONGEST_LIFE = Duration.ofHours(24);
    private static final Duration LONGEST_LIFE_OF_KEPT = Duration.ofDays(7);
    private static final int LONGEST_TEXT = 300;
    private static final int MOST_CPUS = 256;
    private static final Pattern TEMPLATE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,100}");
    private static final Pattern QUEUE = Pattern.compile("kvm\\.controller\\.([a-z][a-z0-9-]{0,31})\\.commands");

    /** Thrown inside, a {@link Malformed} outside. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    private Intake() {}

    /**
     * Reads what arrived on {@link Topology#MANAGER_COMMANDS}. Exchange, key and user are set or checked by the broker, so
     * they cannot be forged: a client's command comes through {@link Topology#COMMANDS}; what comes back through
     * {@link Topology#UNPICKED} was published by a manager, or it is no business of ours.
     */
    static Incoming read(Delivery delivery, Instant now) {
        try {
            Envelope envelope = delivery.envelope();
            if (Topology.COMMANDS.equals(delivery.exchange())) {
                return write(delivery, delivery.routingKey(), envelope.userId(), fromClient(delivery), now);
            }
            Optional<Map<?, ?>> death = death(envelope);
            if (!Topology.UNPICKED.equals(delivery.exchange())
                    || death.isEmpty()
                    || !Topology.MANAGER_USER.equals(envelope.userId())) {
                throw new Unusable("it came through exchange '" + delivery.exchange() + "' from user "
                        + envelope.userId() + "; commands go to " + Topology.COMMANDS);
            }
            if (isInquiry(envelope)) {
                return new Echo();
            }
            if ("rejected".equals(death.get().get("reason"))) {
                throw new Unusable("controller "
                        + unheardBy(envelope).map(ControllerName::value).orElse("?") + " refused it; its log says why");
            }
            String key = Optional.ofNullable(envelope.header(Headers.KEY)).orElse("");
            return write(delivery, key, envelope.header(Headers.ON_BEHALF_OF), cameBack(delivery, death.get()), now);
        } catch (Unusable why) {
            return new Malformed(new Failure(
                    Reason.INVALID,
                    "this message is no command: " + plain(String.valueOf(why.getMessage())),
                    "docs/wire.md shows every message"));
        }
    }

    /** The controller in whose command queue a message waited in vain, or empty. */
    static Optional<ControllerName> unheardBy(Envelope envelope) {
        return death(envelope)
                .map(death -> QUEUE.matcher(String.valueOf(death.get("queue"))))
                .filter(Matcher::matches)
                .map(queue -> new ControllerName(queue.group(1)));
    }

    /** True when an answer can be sent: clients use direct reply-to; any other address could be someone's queue. */
    static boolean answerable(Envelope envelope) {
        return envelope.answerable();
    }

    /** Text with words of a stranger in it, for a log and a terminal. */
    static String plain(String text) {
        String harmless = text.replaceAll("\\p{Cntrl}", "?");
        return harmless.length() <= LONGEST_TEXT ? harmless : harmless.substring(0, LONGEST_TEXT) + "…";
    }

    private static boolean isInquiry(Envelope envelope) {
        return Message.wireName(Inquiry.Locate.class).equals(envelope.type())
                || Message.wireName(Inquiry.RollCall.class).equals(envelope.type());
    }

    private static History fromClient(Delivery delivery) {
        boolean again = delivery.redelivered() || delivery.envelope().number(Headers.ATTEMPT, 0) > 0;
        return again ? new History.Repeated() : new History.Fresh();
    }

    private static History cameBack(Delivery delivery, Map<?, ?> death) {
        if (Topology.MANAGER_INDOUBT.equals(death.get("queue"))) {
            return delivery.envelope().headers().containsKey(Headers.REQUEUED)
                    ? new History.Repeated()
                    : new History.Returned("", false);
        }
        String copy =
                Optional.ofNullable(delivery.envelope().header(Headers.COPY)).orElse("");
        return new History.Returned(copy, "expired".equals(death.get("reason")) && !delivery.redelivered());
    }

    private static Write write(
            Delivery delivery, String keyText, @Nullable String askedBy, History history, Instant now) throws Unusable {
        Envelope envelope = delivery.envelope();
        RoutingKey key = RoutingKey.parse(keyText)
                .filter(RoutingKey::write)
                .orElseThrow(() -> new Unusable("routing key '" + keyText
                        + "' is not of the form write.NOUN.VERB, write.NOUN.VERB.CONTROLLER or"
                        + " write.NOUN.VERB.CONTROLLER.NUMBER"));
        if (!key.type().equals(envelope.type())) {
            throw new Unusable("its type is '" + envelope.type() + "' but its routing key is '" + keyText + "'");
        }
        String requestId = envelope.messageId();
        if (requestId == null || !ID.matcher(requestId).matches()) {
            throw new Unusable("its message_id must be a request id of 1 to 100 printable characters, such as a UUID");
        }
        if (envelope.replyTo() != null && !answerable(envelope)) {
            throw new Unusable("its reply_to must be " + Topology.DIRECT_REPLY_TO + ", or left out");
        }
        ControllerName owner = key.controller();
        Target target = owner == null ? new Target.Anyone(needs(envelope)) : new Target.Owner(owner, key.number());
        return new Write(
                requestId,
                target,
                keyText,
                history,
                Math.max(0, envelope.number(Headers.ATTEMPT, 0)),
                deadline(envelope, now),
                kept(envelope),
                delivery.redelivered() || Boolean.TRUE.equals(envelope.headers().get(Headers.STORED)),
                askedBy,
                delivery);
    }

    private static Instant deadline(Envelope envelope, Instant now) throws Unusable {
        long latest =
                now.plus(kept(envelope) ? LONGEST_LIFE_OF_KEPT : LONGEST_LIFE).toEpochMilli();
        if (!envelope.headers().containsKey(Headers.DEADLINE)) {
            return now.plus(DEFAULT_LIFE);
        }
        return Instant.ofEpochMilli(Math.min(required(envelope, Headers.DEADLINE, "epoch milliseconds"), latest));
    }

    private static boolean kept(Envelope envelope) {
        return Boolean.TRUE.equals(envelope.headers().get(Headers.KEPT));
    }

    private static Needs needs(Envelope envelope) throws Unusable {
        String template = envelope.header(Headers.TEMPLATE);
        if (template == null || !TEMPLATE.matcher(template).matches()) {
            throw new Unusable("its header '" + Headers.TEMPLATE + "' must be the name of a template");
        }
        long cpus = required(envelope, Headers.CPUS, "the number of CPUs");
        if (cpus < 1 || cpus > MOST_CPUS) {
            throw new Unusable("CPUs must be between 1 and " + MOST_CPUS + ", not " + cpus);
        }
        try {
            MemorySize memory = new MemorySize(required(envelope, Headers.MEMORY, "memory in MiB"));
            return new Needs(template, memory, (int) cpus, InstanceName.orNone(envelope.header(Headers.NAME)));
        } catch (IllegalArgumentException outOfRange) {
            throw new Unusable(String.valueOf(outOfRange.getMessage()));
        }
    }

    private static long required(Envelope envelope, String header, String meaning) throws Unusable {
        Object value = envelope.headers().get(header);
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        throw new Unusable("its header '" + header + "' must be a whole number, " + meaning);
    }

    /** The latest death; each hop builds its headers anew, so there is no older one. */
    private static Optional<Map<?, ?>> death(Envelope envelope) {
        return envelope.headers().get(Headers.DEATHS) instanceof List<?> deaths
                        && !deaths.isEmpty()
                        && deaths.getFirst() instanceof Map<?, ?> latest
                ? Optional.of(latest)
                : Optional.empty();
    }
}
