package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RabbitMQ could not decode is not answered, since it would end our connection. */
class ReplyAddressTest {

    @Test
    void anAddressAsTheBrokerMakesItIsAnswered() {
        assertThat(ReplyAddress.isGenuine("amq.rabbitmq.reply-to.g1h3B3JlcGx5QDEAAAABAAAAAAAAAAA=.a2V5+/=="))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "amq.rabbitmq.reply-to",
                "amq.rabbitmq.reply-to.",
                "amq.rabbitmq.reply-to.x",
                "amq.rabbitmq.reply-to.g1h2AA.key",
                "amq.rabbitmq.reply-to.g1h3B3JlcGx5QDEAAAABAAAAAAAAAAA=",
                "amq.rabbitmq.reply-to.g1h3B3JlcGx5QDEAAAABAAAAAAAAAAA=.",
                "amq.rabbitmq.reply-to.g1h3B3JlcGx5QDEAAAABAAAAAAAAAAA=.a2V5.more",
                "amq.rabbitmq.reply-to.g1h3B3JlcGx5QDEAAAABAAAAAAAAAA==.a2V5",
                "amq.rabbitmq.reply-to.g1h3CHJlcGx5QDEAAAABAAAAAAAAAAA=.a2V5",
                "amq.rabbitmq.reply-to.g1h3B3JlcGx5QHgAAAABAAAAAAAAAAA=.a2V5",
                "amq.rabbitmq.reply-to.g1h2///////=.a2V5",
                "kvm.controller.s1.commands"
            })
    void anythingElseIsNot(String address) {
        assertThat(ReplyAddress.isGenuine(address)).isFalse();
    }
}
