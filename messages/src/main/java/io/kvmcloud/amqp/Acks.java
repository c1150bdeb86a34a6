package io.kvmcloud.amqp;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What one channel has to acknowledge, by delivery tag. In the order of their tags, several take one word and not one each,
 * which for a quorum queue is a write to its log.
 */
final class Acks {

    private final NavigableSet<Long> open = new TreeSet<>();
    private final NavigableSet<Long> done = new TreeSet<>();

    /** It came, and is to be acknowledged some time. */
    void delivered(long tag) {
        open.add(tag);
    }

    /** Its time has come. */
    void done(long tag) {
        open.remove(tag);
        done.add(tag);
    }

    /** The broker is told of this one in another way. */
    void forget(long tag) {
        open.remove(tag);
    }

    /** Acknowledges what is done. */
    void tell(Channel channel) throws IOException {
        NavigableSet<Long> together = open.isEmpty() ? done : done.headSet(open.first(), false);
        if (!together.isEmpty()) {
            channel.basicAck(together.last(), true);
            together.clear();
        }
        for (long alone : done) {
            channel.basicAck(alone, false);
        }
        done.clear();
    }
}
