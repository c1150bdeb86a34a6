package io.kvmcloud.amqp;

/**
 * A message that arrived on a queue and waits for {@link ChannelLoop#ack}.
 *
 * @param exchange where it was published; set by the broker, cannot be forged
 * @param routingKey the key it was published with; set by the broker, too
 * @param redelivered true when the broker may have delivered it before; never false for one it has
 */
public record Delivery(String exchange, String routingKey, boolean redelivered, Envelope envelope, long tag) {}
