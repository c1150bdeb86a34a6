package io.kvmcloud.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue that several consumers share and that exists while it has any. In a cluster such a queue lives on one node; while
 * that is down another queue, of another name and so on another node, stands in. Both are never consumed for longer than it
 * takes to see it: docs/decisions/0008.
 */
public final class SharedQueue {

    private static final Logger LOG = LoggerFactory.getLogger(SharedQueue.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private enum Answer {
        DONE,
        IN_USE,
        NODE_IS_DOWN
    }

    private interface Step {
        void on(Channel channel) throws IOException;
    }

    private final Session session;
    private final String first;
    private final String ours;
    private final String other;

    private SharedQueue(Session session, String first, String standIn) throws IOException {
        this.session = session;
        this.first = first;
        this.ours = choose(first, standIn);
        this.other = ours.equals(first) ? standIn : first;
    }

    /**
     * Declares the one to use in this session: the first, unless the others are at its stand-in or its node is down.
     *
     * @throws IOException when both are on nodes that are down, or the session ends
     */
    public static SharedQueue declare(Session session, String first, String standIn) throws IOException {
        return new SharedQueue(session, first, standIn);
    }

    /** The one to bind and to consume. */
    public String name() {
        return ours;
    }

    /**
     * To be called once it is consumed. A queue whose node comes back has its bindings and gets a copy of everything, for
     * nobody: it is deleted as soon as it is seen. When somebody consumes it, this session ends, and the next one goes there.
     */
    public void keepAlone(ChannelLoop loop) {
        Thread.startVirtualThread(() -> {
            try {
                Answer answer = ask(channel -> channel.queueDelete(other, true, false));
                if (answer == Answer.IN_USE && other.equals(first)) {
                    session.fail(first + " is consumed again");
                } else if (answer != Answer.DONE) {
                    loop.after(LOOK_AGAIN, () -> keepAlone(loop));
                }
            } catch (IOException ended) {
                session.fail(Session.explain(ended));
            }
        });
    }

    private String choose(String wanted, String standIn) throws IOException {
        int[] consumers = {0};
        if (ask(channel -> consumers[0] = declare(channel, wanted)) == Answer.NODE_IS_DOWN) {
            LOG.warn("the broker's node with {} is down, {} stands in", wanted, standIn);
            if (ask(channel -> declare(channel, standIn)) == Answer.NODE_IS_DOWN) {
                throw new IOException("the broker's nodes with " + wanted + " and with " + standIn + " are down");
            }
            return standIn;
        }
        boolean othersAreThere =
                consumers[0] == 0 && ask(channel -> channel.queueDelete(standIn, true, false)) == Answer.IN_USE;
        return othersAreThere ? standIn : wanted;
    }

    private static int declare(Channel channel, String queue) throws IOException {
        return channel.queueDeclare(queue, true, false, true, Map.of()).getConsumerCount();
    }

    /** On a channel of its own, which a refusal closes. */
    private Answer ask(Step step) throws IOException {
        Channel scratch = session.scratch();
        try {
            step.on(scratch);
            scratch.abort();
            return Answer.DONE;
        } catch (IOException refused) {
            return switch (refused.getCause()) {
                case ShutdownSignalException closed
                when closed.getReason() instanceof AMQP.Channel.Close reason ->
                    switch (reason.getReplyCode()) {
                        case AMQP.NOT_FOUND -> Answer.NODE_IS_DOWN; // what is not there is made, and is deleted already
                        case AMQP.PRECONDITION_FAILED -> Answer.IN_USE;
                        default -> throw refused;
                    };
                case null, default -> throw refused;
            };
        }
    }
}
