package io.kvmcloud.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel and the one thread that uses it.
 *
 * <p>Deliveries, confirms, returns, timers and what other threads hand over with {@link #execute} all become tasks in one
 * queue, so whoever builds on a loop needs no lock. {@link #execute}, {@link #after}, {@link #reply} and {@link #close} are for
 * any thread; declaring, binding and consuming also for the thread that opened the channel, before anything is published;
 * all the rest for the loop's own. When the channel dies, so does the session; tasks still queued are dropped.
 */
public final class ChannelLoop implements Executor, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelLoop.class);

    /** So many messages leave together at most: who waits for the first should not wait for many others. */
    private static final int LONGEST_BURST = 32;

    /** What became of a published message. */
    public enum Outcome {
        /** The broker has it, in every queue it belongs into. */
        CONFIRMED,
        /** No queue is bound for its key: nobody is there. */
        UNROUTABLE,
        /** A queue is full, or the broker could not store it. */
        REFUSED
    }

    /** A task that may talk to the broker. */
    interface Task {
        void run() throws IOException;
    }

    private final Session session;
    private final Channel channel;
    private final String user;
    private final LoopThread thread;
    private final Agenda<Task> agenda = new Agenda<>();
    private final Confirms confirms = new Confirms();
    private final Acks acks = new Acks();
    private boolean confirming;
    private int unsent;

    ChannelLoop(Session session, Channel channel, String name, String user) {
        this.session = session;
        this.channel = channel;
        this.user = user;
        channel.addShutdownListener(cause -> {
            if (!cause.isInitiatedByApplication()) {
                session.fail(Session.reason(cause));
            }
        });
        channel.addReturnListener(message -> {
            // Before the confirm of the same message; the sequence header tells which one it was.
            Object sequence = message.getProperties().getHeaders() == null
                    ? null
                    : message.getProperties().getHeaders().get(Headers.SEQUENCE);
            if (sequence instanceof Number number) {
                agenda.add(() -> confirms.cameBack(number.longValue()));
            }
        });
        thread = new LoopThread(name, this::run);
        thread.start();
        session.whenEnded(_ -> agenda.add(() -> {})); // wakes the thread to see it
    }

    /** The session this channel belongs to. */
    public Session session() {
        return session;
    }

    /** Runs a task on the loop's thread, after what is queued already; from any thread. */
    @Override
    public void execute(Runnable task) {
        agenda.add(task::run);
    }

    /** Runs a task on the loop's thread when this much time has passed; from any thread. */
    public void after(Duration delay, Runnable task) {
        agenda.add(task::run, delay);
    }

    /**
     * Publishes, and tells on this thread what became of it: mandatory, and confirmed by the broker. Nothing is told when the
     * session ends first: then it is unknown. What is larger than a receiver would read is not sent, but refused.
     */
    public void publish(String exchange, String key, Envelope envelope, Consumer<Outcome> outcome) {
        attempt(() -> {
            if (!fits(envelope)) {
                agenda.add(() -> outcome.accept(Outcome.REFUSED));
                return;
            }
            if (!confirming) {
                confirming = true;
                channel.confirmSelect();
                channel.addConfirmListener(
                        (sequence, multiple) ->
                                agenda.add(() -> confirms.settle(sequence, multiple, Outcome.CONFIRMED)),
                        (sequence, multiple) -> agenda.add(() -> confirms.settle(sequence, multiple, Outcome.REFUSED)));
            }
            long sequence = channel.getNextPublishSeqNo();
            confirms.owe(sequence, outcome);
            send(() -> channel.basicPublish(
                    exchange,
                    key,
                    true,
                    envelope.with(Headers.SEQUENCE, sequence).properties(user),
                    envelope.body()));
        });
    }

    /**
     * Publishes something that is no loss when it is lost, or too large to be read: an event, a heartbeat. Not confirmed, since
     * on a channel that confirms once the broker has a word to say about each answer, too.
     */
    public void tell(String exchange, String key, Envelope envelope) {
        if (fits(envelope)) {
            attempt(() -> post(exchange, key, envelope));
        }
    }

    /** The broker would close the channel, and the session would fail with it, again and again. */
    private boolean fits(Envelope envelope) {
        boolean fits = envelope.body().length <= Codec.MAX_BODY;
        if (!fits) {
            LOG.error(
                    "{}: a {} of {} bytes is not sent, the limit is {}",
                    thread.getName(),
                    envelope.type(),
                    envelope.body().length,
                    Codec.MAX_BODY);
        }
        return fits;
    }

    /**
     * Sends an answer to a direct reply-to address and forgets it: the outcome of a command is in its controller's journal, a
     * client that is gone asks again. From any thread.
     */
    public void reply(String replyTo, Envelope envelope) {
        Envelope fitting = envelope.body().length <= Codec.MAX_BODY ? envelope : tooLarge(envelope);
        agenda.add(() -> post("", replyTo, fitting));
    }

    /** The broker may forget the message: it is journalled, relayed or answered. It is told a moment later, of several at once. */
    public void ack(Delivery delivery) {
        attempt(() -> {
            acks.done(delivery.tag());
            unsent++;
        });
    }

    /** As {@link #ack}, but before anything that is sent after this. */
    public void ackFirst(Delivery delivery) {
        attempt(() -> {
            acks.forget(delivery.tag());
            send(() -> channel.basicAck(delivery.tag(), false));
        });
    }

    /** The message goes where its queue's policy sends what was refused. */
    public void reject(Delivery delivery) {
        attempt(() -> {
            acks.forget(delivery.tag());
            send(() -> channel.basicReject(delivery.tag(), false));
        });
    }

    /**
     * Consumes a queue with manual acks.
     *
     * @param tag a sentence for the management console, like {@code manager m1 commands}
     * @param prefetch how many may be unacknowledged at a time
     */
    public void consume(String queue, String tag, int prefetch, Consumer<Delivery> consumer) throws IOException {
        channel.basicQos(prefetch);
        channel.basicConsume(queue, false, tag, receiver(delivery -> {
            acks.delivered(delivery.tag());
            consumer.accept(delivery);
        }));
    }

    /** Listens for answers to what this channel publishes with {@link Topology#DIRECT_REPLY_TO}. */
    public void consumeReplies(Consumer<Delivery> consumer) throws IOException {
        channel.basicConsume(Topology.DIRECT_REPLY_TO, true, receiver(consumer));
    }

    /** Declares a durable quorum queue. */
    public void declareQuorum(String queue) throws IOException {
        channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
    }

    /**
     * Declares a queue that is ours alone and goes with this connection.
     *
     * @throws QueueTaken when another connection has it
     */
    public void declareExclusive(String queue) throws IOException {
        try {
            channel.queueDeclare(queue, false, true, true, Map.of());
        } catch (IOException refused) {
            if (refused.getCause() instanceof ShutdownSignalException closed
                    && closed.getReason() instanceof AMQP.Channel.Close reason
                    && reason.getReplyCode() == AMQP.RESOURCE_LOCKED) {
                throw new QueueTaken(queue, refused);
            }
            throw refused;
        }
    }

    /** Declares a shared queue that exists while it has consumers. */
    public void declareWhileConsumed(String queue) throws IOException {
        channel.queueDeclare(queue, true, false, true, Map.of());
    }

    /** Lets a queue receive what is published to an exchange with a key like this. */
    public void bind(String queue, String exchange, String key) throws IOException {
        channel.queueBind(queue, exchange, key);
    }

    /** Ends the session this channel belongs to; idempotent. */
    @Override
    public void close() {
        session.close();
    }

    private static Envelope tooLarge(Envelope answer) {
        return answer.with(new Reply.Failure(
                Reason.FAILED,
                "the answer (" + answer.type() + ") has " + answer.body().length + " bytes, more than the "
                        + Codec.MAX_BODY + " that a message may have",
                "ask for less at a time"));
    }

    private Receiver receiver(Consumer<Delivery> consumer) {
        return new Receiver(channel, delivery -> agenda.add(() -> consumer.accept(delivery)), session::fail);
    }

    private void run() {
        try {
            while (!session.ended().isDone()) {
                Task next = agenda.poll();
                if (next == null) {
                    perform(this::endBurst);
                    next = agenda.take();
                }
                perform(next);
                if (unsent >= LONGEST_BURST) {
                    perform(this::endBurst);
                }
            }
        } catch (InterruptedException _) {
            // The session is over.
        }
    }

    /** Publishes without asking what becomes of it. */
    private void post(String exchange, String key, Envelope envelope) throws IOException {
        if (confirming) {
            // Counts as a publish of its own on a confirming channel.
            confirms.owe(channel.getNextPublishSeqNo(), _ -> {});
        }
        send(() -> channel.basicPublish(exchange, key, false, envelope.properties(user), envelope.body()));
    }

    /** Does not leave at once: a system call and a packet for each cost both sides more than what is in it. */
    private void send(Task publish) throws IOException {
        thread.gather(publish);
        unsent++;
    }

    private void endBurst() throws IOException {
        if (unsent > 0) {
            unsent = 0;
            thread.gather(() -> acks.tell(channel));
            thread.flush(channel.getConnection());
        }
    }

    private void attempt(Task task) {
        if (!thread.equals(Thread.currentThread())) {
            throw new IllegalStateException("only the channel's own thread may do this; use execute");
        }
        perform(task);
    }

    private void perform(Task task) {
        try {
            task.run();
        } catch (IOException | AlreadyClosedException broken) {
            session.fail(Session.explain(broken));
        } catch (RuntimeException | Error defect) {
            // Going on with half a step done could lose or double a command; the next session starts from what is on
            // disk.
            LOG.error("{}: a step failed, the session starts again", thread.getName(), defect);
            session.fail(defect.toString());
        }
    }
}
