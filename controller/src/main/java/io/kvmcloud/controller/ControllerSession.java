package io.kvmcloud.controller;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Inventory;
import io.kvmcloud.amqp.QueueTaken;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.controller.instance.Instances;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.settings.Version;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A controller on the broker: its two queues, its heartbeat, and what it tells. All of it is made anew for each session.
 */
final class ControllerSession implements SessionLoop.Participant, CommandDesk.Answers {

    private static final Duration HEARTBEAT = Duration.ofSeconds(2);
    private static final int HEARTBEATS_PER_INVENTORY = 15;

    /** A quorum queue younger than this can be lost with its messages when the broker is killed. */
    private static final Duration QUEUE_SETTLES = Duration.ofSeconds(2);

    private static final int PREFETCH = 256;

    /** Two heartbeats of {@link BrokerAddress} and a little more. */
    private static final Duration GHOSTS_VANISH = Duration.ofSeconds(22);

    private static final String ASK_OP = Message.wireName(Inquiry.AskOp.class);
    private static final String ROLL_CALL = Message.wireName(Inquiry.RollCall.class);
    private static final String LOCATE = Message.wireName(Inquiry.Locate.class);

    private final ControllerName name;
    private final Instances instances;
    private final Supplier<ControllerView> view;
    private final Consumer<CommandFailed> nameLost;
    private final String appId = "kvm-controller/" + Version.current();
    private volatile @Nullable ChannelLoop channel;
    private @Nullable CommandDesk desk;
    private @Nullable Instant takenSince;

    /**
     * Ready for {@link SessionLoop}.
     *
     * @param view this controller as it describes itself now
     * @param nameLost told when another controller of this name is connected for good
     */
    ControllerSession(
            ControllerName name, Instances instances, Supplier<ControllerView> view, Consumer<CommandFailed> nameLost) {
        this.name = name;
        this.nameLost = nameLost;
        this.instances = instances;
        this.view = view;
        instances.listen(this::tell);
    }

    /** Where commands go; set once, before the first session. */
    void serve(CommandDesk commands) {
        desk = commands;
    }

    @Override
    public void join(Session session) throws IOException {
        CommandDesk commands = desk;
        if (commands == null) {
            throw new IllegalStateException("serve() comes before the first session");
        }
        ChannelLoop loop = session.channel("controller " + name);
        takeName(loop);
        boolean existed = session.exists(Topology.commandsOf(name));
        loop.declareQuorum(Topology.commandsOf(name));
        loop.bind(Topology.commandsOf(name), Topology.CONTROLLERS, Topology.commandKey(name));
        loop.bind(Topology.queriesOf(name), Topology.CONTROLLERS, Topology.queryKey(name));
        loop.bind(Topology.queriesOf(name), Topology.CONTROLLERS, Topology.ROLL_CALL);
        loop.bind(Topology.commandsOf(name), Topology.CONTROLLERS, Topology.ROLL_CALL_OF_ALL);
        channel = loop; // before the first command is answered
        loop.consume(Topology.commandsOf(name), "controller " + name + " commands", PREFETCH, delivery -> {
            if (isRollCall(delivery)) {
                loop.ack(delivery); // it came to the other queue as well, and one answer does
            } else if (LOCATE.equals(delivery.envelope().type())) {
                commands.locate(delivery, loop);
            } else {
                commands.take(delivery, loop);
            }
        });
        loop.consume(Topology.queriesOf(name), "controller " + name + " queries", PREFETCH, delivery -> {
            if (ASK_OP.equals(delivery.envelope().type())) {
                commands.tell(delivery, loop);
            } else if (isRollCall(delivery)) {
                loop.ack(delivery);
                announce(loop);
            } else {
                commands.inspect(delivery, loop);
            }
        });
        loop.execute(() -> {
            if (existed) {
                announce(loop);
                beat(loop, 1);
            } else {
                loop.after(QUEUE_SETTLES, () -> {
                    announce(loop);
                    beat(loop, 1);
                });
            }
        });
    }

    @Override
    public void left() {
        channel = null;
    }

    /** Tells that this controller leaves in an orderly way, and waits up to a second until the broker knows. */
    void leave() {
        ChannelLoop loop = channel;
        if (loop != null) {
            Event down = new Event.ControllerDown(name);
            CompletableFuture<ChannelLoop.Outcome> told = new CompletableFuture<>();
            loop.execute(
                    () -> loop.publish(Topology.EVENTS, Topology.keyOf(down), envelope(down, null), told::complete));
            told.completeOnTimeout(ChannelLoop.Outcome.REFUSED, 1, TimeUnit.SECONDS)
                    .join();
        }
    }

    @Override
    public void send(String replyTo, String requestId, Message reply) {
        ChannelLoop loop = channel;
        if (loop != null) {
            loop.reply(replyTo, envelope(reply, requestId));
        }
    }

    /** Tells all there is, since something has changed of which no event tells. */
    void announce() {
        ChannelLoop loop = channel;
        if (loop != null) {
            announce(loop);
        }
    }

    private static boolean isRollCall(Delivery delivery) {
        return ROLL_CALL.equals(delivery.envelope().type());
    }

    private void tell(Event event) {
        ChannelLoop loop = channel;
        if (loop != null) {
            loop.execute(() -> loop.tell(Topology.EVENTS, Topology.keyOf(event), envelope(event, null)));
        }
    }

    /**
     * Tells all there is. Describing this controller may read through a new template's image, so it is done beside the
     * channel's thread; the instances are listed on it, where no later change of theirs can be told before.
     */
    private void announce(ChannelLoop loop) {
        Thread.startVirtualThread(() -> {
            ControllerView described = view.get();
            loop.execute(() -> {
                Event.ControllerUp up = new Event.ControllerUp(described.with(instances.capacity()), instances.views());
                Inventory.tell(loop, up, part -> envelope(part, null));
            });
        });
    }

    private void beat(ChannelLoop loop, int count) {
        loop.after(HEARTBEAT, () -> {
            if (count % HEARTBEATS_PER_INVENTORY == 0) {
                announce(loop);
            } else {
                Event beat = new Event.ControllerHeartbeat(name, instances.capacity());
                loop.tell(Topology.EVENTS, Topology.keyOf(beat), envelope(beat, null));
            }
            beat(loop, count + 1);
        });
    }

    /**
     * The exclusive queue is the name's lock: the broker gives it to one connection at a time. Our own connection of a moment
     * ago may still hold it, until the broker has missed two heartbeats; after that it is somebody else's.
     */
    private void takeName(ChannelLoop loop) throws IOException {
        try {
            loop.declareExclusive(Topology.queriesOf(name));
            takenSince = null;
        } catch (QueueTaken taken) {
            Instant now = Instant.now();
            if (takenSince == null) {
                takenSince = now;
            } else if (Duration.between(takenSince, now).compareTo(GHOSTS_VANISH) > 0) {
                nameLost.accept(new CommandFailed(
                        Reason.REFUSED,
                        "another controller named " + name + " is connected to this broker",
                        "stop it, or give this one another --name"));
            }
            throw taken;
        }
    }

    private Envelope envelope(Message message, @Nullable String correlationId) {
        return Envelope.ofController(name, appId, message, correlationId);
    }
}
