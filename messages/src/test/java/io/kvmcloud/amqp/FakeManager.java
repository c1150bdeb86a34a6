package io.kvmcloud.amqp;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Stands where the managers are, and answers what the test says; null is no answer. */
final class FakeManager implements SessionLoop.Participant, AutoCloseable {

    /** What arrived, in its order. */
    final Queue<Delivery> arrived = new ConcurrentLinkedQueue<>();

    final AtomicInteger pings = new AtomicInteger();

    /** Done when it takes part: of one that has just gone the broker may still count the consumers. */
    final CountDownLatch joined = new CountDownLatch(1);

    private final Function<Delivery, @org.jspecify.annotations.Nullable Reply> answers;
    private final SessionLoop loop;

    FakeManager(BrokerAddress address, Function<Delivery, @org.jspecify.annotations.Nullable Reply> answers) {
        this.answers = answers;
        loop = SessionLoop.start(address, "kvm-manager fake", this);
    }

    @Override
    public void join(Session session) throws IOException {
        ChannelLoop channel = session.channel("fake manager");
        channel.declareWhileConsumed(Topology.MANAGER_QUERIES);
        channel.bind(Topology.MANAGER_QUERIES, Topology.COMMANDS, "read.#");
        channel.consume(Topology.MANAGER_QUERIES, "fake queries", 64, delivery -> took(channel, delivery));
        channel.consume(Topology.MANAGER_COMMANDS, "fake commands", 64, delivery -> took(channel, delivery));
        joined.countDown();
    }

    private void took(ChannelLoop channel, Delivery delivery) {
        channel.ack(delivery);
        if (Codec.command(delivery.envelope()) instanceof Command.Ping) {
            pings.incrementAndGet();
            return; // only its arrival matters
        }
        arrived.add(delivery);
        Reply reply = answers.apply(delivery);
        String replyTo = delivery.envelope().replyTo();
        if (reply != null && replyTo != null) {
            channel.reply(
                    replyTo,
                    new Envelope(
                            reply.wireName(),
                            null,
                            delivery.envelope().correlationId(),
                            null,
                            null,
                            null,
                            Map.of(Headers.VERSION, 1),
                            null,
                            false,
                            Codec.encode(reply)));
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
