package io.kvmcloud.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as the road sees it: properties and opaque bytes. Built anew at each hop, never copied property by property,
 * so that no broker header or foreign user id travels on.
 *
 * @param type the wire name of what is inside
 * @param messageId for a command the request id R, the same for every copy of it
 * @param correlationId what an answer carries back, R again
 * @param replyTo where the answer goes, or null when nobody waits
 * @param userId the sender as the broker checked it; set by the receiver's side, null when publishing
 * @param appId program and version
 * @param headers plain strings, numbers and lists, see {@link Headers}
 * @param expiration after which the broker takes it out of the queue, or null
 * @param persistent written to disk by the broker
 */
public record Envelope(
        @Nullable String type,
        @Nullable String messageId,
        @Nullable String correlationId,
        @Nullable String replyTo,
        @Nullable String userId,
        @Nullable String appId,
        Map<String, Object> headers,
        @Nullable Duration expiration,
        boolean persistent,
        byte[] body) {

    static Envelope of(BasicProperties properties, byte[] body) {
        Map<String, Object> headers = new HashMap<>();
        if (properties.getHeaders() != null) {
            properties.getHeaders().forEach((name, value) -> headers.put(name, Headers.plain(value)));
        }
        return new Envelope(
                properties.getType(),
                properties.getMessageId(),
                properties.getCorrelationId(),
                properties.getReplyTo(),
                properties.getUserId(),
                properties.getAppId(),
                headers,
                expiration(properties.getExpiration()),
                Integer.valueOf(2).equals(properties.getDeliveryMode()),
                body);
    }

    /** What a controller says: an event, or its answer to the request of this correlation id. */
    public static Envelope ofController(
            ControllerName controller, String appId, Message message, @Nullable String correlationId) {
        return new Envelope(
                message.wireName(),
                null,
                correlationId,
                null,
                null,
                appId,
                Map.of(Headers.VERSION, Message.VERSION, Headers.CONTROLLER, controller.value()),
                null,
                false,
                Codec.encode(message));
    }

    BasicProperties properties(String user) {
        return new BasicProperties.Builder()
                .contentType("application/json")
                .type(type)
                .messageId(messageId)
                .correlationId(correlationId)
                .replyTo(replyTo)
                .userId(user)
                .appId(appId)
                .headers(headers)
                .expiration(expiration == null ? null : Long.toString(expiration.toMillis()))
                .deliveryMode(persistent ? 2 : 1)
                .timestamp(Date.from(Instant.now()))
                .build();
    }

    /** The same message with this in its headers too. */
    public Envelope with(String header, Object value) {
        Map<String, Object> more = new HashMap<>(headers);
        more.put(header, value);
        return new Envelope(type, messageId, correlationId, replyTo, userId, appId, more, expiration, persistent, body);
    }

    /** The same envelope around another message. */
    Envelope with(Message message) {
        return new Envelope(
                message.wireName(),
                messageId,
                correlationId,
                replyTo,
                userId,
                appId,
                headers,
                expiration,
                persistent,
                Codec.encode(message));
    }

    /** True when an answer can be sent: clients use direct reply-to; any other address could be someone's queue. */
    public boolean answerable() {
        return replyTo != null && ReplyAddress.isGenuine(replyTo);
    }

    /** A header's text, or null when it is not there. */
    public @Nullable String header(String name) {
        Object value = headers.get(name);
        return value == null ? null : value.toString();
    }

    /** A header's number, or {@code otherwise} when it is not there or no number. */
    public long number(String name, long otherwise) {
        return headers.get(name) instanceof Number number ? number.longValue() : otherwise;
    }

    private static @Nullable Duration expiration(@Nullable String millis) {
        try {
            return millis == null ? null : Duration.ofMillis(Long.parseLong(millis));
        } catch (NumberFormatException _) {
            return null;
        }
    }
}
