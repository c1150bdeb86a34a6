package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.impl.LongStringHelper;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvelopeTest {

    @Test
    void headersAreStringsNumbersListsAndMapsHoweverDeep() {
        Map<String, Object> death = new HashMap<>();
        death.put("reason", LongStringHelper.asLongString("expired"));
        death.put("nothing", null);
        Envelope envelope = received(Map.of(
                "x-death", List.of(death), "template", LongStringHelper.asLongString("micro"), "cpus", 2, "half", 0.5));
        assertThat(envelope.headers().get("x-death")).isEqualTo(List.of(Map.of("reason", "expired", "nothing", "")));
        assertThat(envelope.header("template")).isEqualTo("micro");
        assertThat(envelope.number("cpus", 0)).isEqualTo(2);
        assertThat(envelope.header("missing")).isNull();
        assertThat(envelope.number("template", 7)).isEqualTo(7);
    }

    @Test
    void aMessageWithoutAnyPropertyIsAnEnvelopeToo() {
        Envelope envelope = Envelope.of(new BasicProperties(), new byte[0]);
        assertThat(envelope.headers()).isEmpty();
        assertThat(envelope.type()).isNull();
        assertThat(envelope.persistent()).isFalse();
    }

    @Test
    void anExpirationThatIsNoNumberIsNone() {
        assertThat(Envelope.of(new BasicProperties.Builder().expiration("5000").build(), new byte[0])
                        .expiration())
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(Envelope.of(new BasicProperties.Builder().expiration("soon").build(), new byte[0])
                        .expiration())
                .isNull();
    }

    @Test
    void whatIsSentIsSignedByTheSenderAndNobodyElse() {
        Envelope received = new Envelope(
                "ping", "R", "R", "reply", "somebody", "app", Map.of(), Duration.ofSeconds(1), true, new byte[0]);
        BasicProperties sent = received.properties("kvm-manager");
        assertThat(sent.getUserId()).isEqualTo("kvm-manager");
        assertThat(sent.getExpiration()).isEqualTo("1000");
        assertThat(sent.getDeliveryMode()).isEqualTo(2);
        assertThat(sent.getTimestamp()).isNotNull();
    }

    @Test
    void oneHeaderMoreLeavesTheOriginalAlone() {
        Envelope plain = Envelopes.of("ping", new byte[0]);
        assertThat(plain.with("a", 1).headers()).containsEntry("a", 1);
        assertThat(plain.headers()).isEmpty();
    }

    private static Envelope received(Map<String, Object> headers) {
        return Envelope.of(new BasicProperties.Builder().headers(headers).build(), new byte[0]);
    }
}
