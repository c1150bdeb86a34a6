package io.kvmcloud.amqp;

import io.kvmcloud.messages.Event.ControllerUp;
import io.kvmcloud.messages.Message;
import java.util.function.Function;

/** Tells all that a controller has, in as many messages as that takes. */
public final class Inventory {

    /** Three times as many fit mostly; nobody's heartbeat should wait behind a whole MiB. */
    private static final int USUAL = 1_000;

    private Inventory() {}

    /** On the channel's thread; what is told after this comes behind all of it. */
    public static void tell(ChannelLoop channel, ControllerUp up, Function<Message, Envelope> envelope) {
        int instances = up.instances().size();
        if (instances > USUAL) {
            up.halves().forEach(half -> tell(channel, half, envelope));
            return;
        }
        Envelope told = envelope.apply(up);
        if (instances > 1 && told.body().length > Codec.MAX_BODY) {
            up.halves().forEach(half -> tell(channel, half, envelope));
        } else {
            channel.tell(Topology.EVENTS, Topology.keyOf(up), told);
        }
    }
}
