package io.kvmcloud.manager;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.RequestId;
import io.kvmcloud.settings.Version;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Messages that a manager writes itself. */
final class Answers {

    /** The {@code app_id} of everything a manager publishes. */
    static final String APP = "kvm-manager/" + Version.current();

    private Answers() {}

    /**
     * Lets the broker forget the question, and answers it if somebody can hear it: in this order, since a refused command that
     * came again would be carried out after its refusal, when this manager dies in between.
     */
    static void answer(ChannelLoop loop, Delivery delivery, Reply reply) {
        answer(loop, delivery, Page.WHOLE, _ -> reply);
    }

    /** The same with a page of a list. */
    static void answer(ChannelLoop loop, Delivery delivery, Page page, Function<Page, Reply> list) {
        Envelope question = delivery.envelope();
        String replyTo = question.replyTo();
        loop.execute(() -> loop.ackFirst(delivery));
        if (replyTo != null && Intake.answerable(question)) {
            String correlation = question.correlationId() == null ? question.messageId() : question.correlationId();
            loop.reply(replyTo, fitting(page, list, correlation));
        }
    }

    /** As much of the page as fits into a message; what is wanted whole is whole, or refused. */
    static Envelope fitting(Page page, Function<Page, Reply> list, @Nullable String correlationId) {
        Page part = page;
        while (true) {
            Reply reply = list.apply(part);
            byte[] body = Codec.encode(reply);
            if (body.length <= Codec.MAX_BODY) {
                return message(reply.wireName(), body, correlationId, null, null, false);
            }
            if (part.limit() <= 1) {
                return message(tooLong(body.length), correlationId, null, null, false);
            }
            part = new Page(page.after(), part.limit() / 2);
        }
    }

    /** Puts it among the dead letters, for people, and then lets the broker forget it. */
    static void bury(ChannelLoop loop, Delivery delivery, String why) {
        Envelope dead = delivery.envelope();
        Map<String, Object> headers = new HashMap<>(dead.headers());
        headers.remove(
                Headers.DEATHS); // a message with this history would look to the broker as if it went round in circles
        headers.put(Headers.WHY, why);
        headers.put(Headers.WHEN, System.currentTimeMillis());
        if (!Topology.MANAGER_USER.equals(dead.userId())) { // or these say already what a manager has checked
            headers.put(Headers.KEY, delivery.routingKey());
            headers.remove(Headers.ON_BEHALF_OF);
            if (dead.userId() != null) {
                headers.put(Headers.ON_BEHALF_OF, dead.userId());
            }
        }
        Envelope letter = new Envelope(
                dead.type(), dead.messageId(), dead.correlationId(), null, null, APP, headers, null, true, dead.body());
        loop.publish(Topology.DEAD, delivery.routingKey(), letter, outcome -> {
            switch (outcome) {
                case CONFIRMED, UNROUTABLE -> loop.ack(delivery);
                case REFUSED -> loop.reject(delivery); // the queue's own policy tries again
            }
        });
    }

    /** A message of ours. */
    static Envelope message(
            Message message,
            @Nullable String correlationId,
            @Nullable String replyTo,
            @Nullable Duration expiration,
            boolean persistent) {
        return message(message.wireName(), Codec.encode(message), correlationId, replyTo, expiration, persistent);
    }

    private static Envelope message(
            String type,
            byte[] body,
            @Nullable String correlationId,
            @Nullable String replyTo,
            @Nullable Duration expiration,
            boolean persistent) {
        return new Envelope(
                type,
                RequestId.next(Clock.systemUTC()),
                correlationId,
                replyTo,
                null,
                APP,
                Map.of(Headers.VERSION, Message.VERSION),
                expiration,
                persistent,
                body);
    }

    private static Reply tooLong(int bytes) {
        return new Reply.Failure(
                Reason.REFUSED,
                "the answer has " + bytes + " bytes, at most " + Codec.MAX_BODY + " fit into a message",
                "docs/wire.md tells how to ask for a list in pages; kvm-cloud of this release does");
    }
}
