package io.kvmcloud.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.ShutdownSignalException;
import java.util.function.Consumer;

/** Takes what the client library delivers, on the connection's own thread, which must never be held up. */
final class Receiver extends DefaultConsumer {

    private final Consumer<Delivery> consumer;
    private final Consumer<String> lost;

    /**
     * @param consumer gets each delivery
     * @param lost gets the reason when the broker takes the queue away
     */
    Receiver(Channel channel, Consumer<Delivery> consumer, Consumer<String> lost) {
        super(channel);
        this.consumer = consumer;
        this.lost = lost;
    }

    @Override
    public void handleDelivery(
            String tag, com.rabbitmq.client.Envelope from, AMQP.BasicProperties properties, byte[] body) {
        consumer.accept(new Delivery(
                from.getExchange(),
                from.getRoutingKey(),
                from.isRedeliver(),
                Envelope.of(properties, body),
                from.getDeliveryTag()));
    }

    @Override
    public void handleCancel(String tag) {
        // It closes the connection, and waits for what only this thread can read.
        Thread.startVirtualThread(
                () -> lost.accept("the broker cancelled consumer '" + tag + "': its queue was deleted"));
    }

    @Override
    public void handleShutdownSignal(String tag, ShutdownSignalException cause) {
        // The channel's own listener ends the session.
    }
}
