package io.kvmcloud.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Looks through a queue that is for people. A broker can only deliver and take back, so everything is taken out, one message
 * in memory at a time, and what is not removed is put back where it was. While that goes on nobody else would find it:
 * an exclusive queue is the lock between all who look. Each look counts as a delivery, so the queue's delivery-limit must be
 * beyond what people do. Dies its owner, the broker puts everything back.
 */
public final class QueueBrowser {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final Session session;
    private final String queue;
    private final String lock;

    /**
     * @param queue to look through; this user may read and configure it
     * @param lock the name of the queue that exists while somebody looks
     */
    public QueueBrowser(Session session, String queue, String lock) {
        this.session = session;
        this.queue = queue;
        this.lock = lock;
    }

    /**
     * Shows each message to {@code removed}, the oldest first. Takes as long as that takes; not for a channel's own thread.
     *
     * @param most how many are looked at
     * @param removed true for one that shall leave the queue
     * @return how many the queue held
     * @throws IOException when somebody else looks for too long, or the session ends
     */
    public synchronized int browse(int most, Predicate<Delivery> removed) throws IOException {
        try {
            Channel channel = locked();
            try {
                return browse(channel, most, removed);
            } finally {
                channel.abort(); // which also puts back what a failure left outside
                session.delete(lock);
            }
        } catch (ShutdownSignalException broken) {
            throw new IOException(Session.explain(broken), broken);
        }
    }

    private int browse(Channel channel, int most, Predicate<Delivery> removed) throws IOException {
        long last = 0;
        int seen = 0;
        int gone = 0;
        int behind = 0;
        while (seen < most) {
            GetResponse message = channel.basicGet(queue, false);
            if (message == null) {
                behind = 0;
                break;
            }
            seen++;
            last = message.getEnvelope().getDeliveryTag();
            behind = message.getMessageCount();
            if (removed.test(delivery(message))) {
                channel.basicAck(last, false);
                gone++;
            }
        }
        if (seen > gone) {
            channel.basicNack(0, true, true); // all that are outside
        }
        awaitBack(seen - gone + behind);
        return seen + behind;
    }

    /** The next who looks must find them all. */
    private void awaitBack(int expected) throws IOException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (session.look(queue).map(QueueLook::messages).orElse(expected) < expected) {
            if (System.nanoTime() > until) {
                return; // somebody else has removed some, who does not keep to the lock
            }
            pause();
        }
    }

    private Channel locked() throws IOException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Channel channel = session.scratch();
            try {
                channel.queueDeclare(lock, false, true, true, Map.of());
                return channel;
            } catch (IOException taken) { // which closed the channel
                if (session.ended().isDone() || System.nanoTime() > until) {
                    throw new IOException("cannot open " + queue + ": " + Session.explain(taken), taken);
                }
            }
            pause();
        }
    }

    private static Delivery delivery(GetResponse message) {
        return new Delivery(
                message.getEnvelope().getExchange(),
                message.getEnvelope().getRoutingKey(),
                message.getEnvelope().isRedeliver(),
                Envelope.of(message.getProps(), message.getBody()),
                message.getEnvelope().getDeliveryTag());
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(LOOK_AGAIN);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }
}
