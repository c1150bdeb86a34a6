package io.kvmcloud.bench.speed;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The relay or the worker of the {@link Floor}: a process of its own that ends with the bench. */
public final class FloorPart {

    private FloorPart() {}

    /** @param arguments {@code relay} or {@code worker}; the broker's address is the first line of the input */
    public static void main(String... arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Connection connection = Floor.connect(in.readLine());
        Channel channel = connection.createChannel();
        channel.basicQos(Floor.PREFETCH);
        if (arguments[0].equals("relay")) {
            relay(channel);
        } else {
            work(channel);
        }
        System.out.println("ready");
        System.out.flush();
        String more = in.readLine(); // until the bench is gone
        System.exit(more == null ? 0 : 1);
    }

    private static void relay(Channel channel) throws IOException {
        ConcurrentNavigableMap<Long, Long> open = new ConcurrentSkipListMap<>();
        channel.confirmSelect();
        channel.addConfirmListener(
                (sequence, multiple) -> {
                    Map<Long, Long> confirmed =
                            multiple ? open.headMap(sequence, true) : open.subMap(sequence, true, sequence, true);
                    for (Long tag : confirmed.values()) {
                        channel.basicAck(tag, false);
                    }
                    confirmed.clear();
                },
                (_, _) -> {
                    throw new IllegalStateException("the broker did not take a message");
                });
        channel.basicConsume(Floor.MANAGER, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope from, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                open.put(channel.getNextPublishSeqNo(), from.getDeliveryTag());
                channel.basicPublish("", Floor.CONTROLLER, true, properties, body);
            }
        });
    }

    private static void work(Channel channel) throws IOException {
        channel.basicConsume(Floor.CONTROLLER, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope from, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                AMQP.BasicProperties answer = new AMQP.BasicProperties.Builder()
                        .correlationId(properties.getCorrelationId())
                        .deliveryMode(1)
                        .build();
                channel.basicPublish("", properties.getReplyTo(), answer, body);
                channel.basicAck(from.getDeliveryTag(), false);
            }
        });
    }
}
