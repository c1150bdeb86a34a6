package io.kvmcloud.manager;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Inventory;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.OpStatus;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A controller without QEMU and without a disk: speaks the protocol of a real one over a real broker. Its journal and its
 * instances outlive {@link #crash}, as files do.
 */
final class FakeController implements AutoCloseable {

    /** What it does with a command it is given. */
    enum Manner {
        /** Journals it, acknowledges it, answers it. */
        WORKING,
        /** Journals it and then does nothing: as one that dies before it acknowledges. */
        JOURNALS_ONLY,
        /** Takes it and does nothing at all. */
        STUCK
    }

    private static final Duration HEARTBEAT = Duration.ofMillis(500);

    final List<Delivery> taken = new CopyOnWriteArrayList<>();
    final Map<Long, InstanceView> instances = new ConcurrentSkipListMap<>();
    final AtomicLong rollCalls = new AtomicLong();
    volatile Manner manner = Manner.WORKING;
    private final ControllerName name;
    private final BrokerAddress address;
    private final Capacity capacity;
    private final AtomicLong numbers;
    private final Map<String, Reply> journal = new ConcurrentHashMap<>();
    private @Nullable Session session;
    private @Nullable ChannelLoop channel;

    FakeController(BrokerAddress address, String name, long firstId, Capacity capacity) {
        this.address = address;
        this.name = new ControllerName(name);
        this.capacity = capacity;
        this.numbers = new AtomicLong(firstId);
    }

    /** Joins the cloud as a real one does. */
    FakeController connect() {
        return connect(true);
    }

    /** @param consuming false for one whose consumer hangs: it is there, and picks nothing up */
    FakeController connect(boolean consuming) {
        try {
            Session life = Session.open(address, "kvm-controller " + name);
            session = life;
            ChannelLoop loop = life.channel("fake " + name);
            channel = loop;
            loop.declareExclusive(Topology.queriesOf(name));
            loop.declareQuorum(Topology.commandsOf(name));
            loop.bind(Topology.commandsOf(name), Topology.CONTROLLERS, Topology.commandKey(name));
            loop.bind(Topology.commandsOf(name), Topology.CONTROLLERS, Topology.ROLL_CALL_OF_ALL);
            loop.bind(Topology.queriesOf(name), Topology.CONTROLLERS, Topology.queryKey(name));
            loop.bind(Topology.queriesOf(name), Topology.CONTROLLERS, Topology.ROLL_CALL);
            if (consuming) {
                loop.consume(
                        Topology.commandsOf(name),
                        "controller " + name + " commands",
                        64,
                        delivery -> command(loop, delivery));
            }
            loop.consume(
                    Topology.queriesOf(name), "controller " + name + " queries", 64, delivery -> query(loop, delivery));
            loop.execute(() -> {
                announce(loop);
                beat(loop);
            });
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** As if killed with SIGKILL: no good-bye. */
    void crash() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    /** Leaves in an orderly way. */
    void leave() {
        ChannelLoop loop = channel;
        if (loop != null) {
            tell(loop, new Event.ControllerDown(name));
        }
    }

    /** Tells of an instance that is made here and now. */
    InstanceView add(String template, int memory, int cpus) {
        InstanceView made = Some.instance(name.value(), numbers.getAndIncrement(), template, memory, cpus);
        instances.put(made.id().number(), made);
        return made;
    }

    /** Says something on the events exchange. */
    void tell(Event event) {
        ChannelLoop loop = channel;
        if (loop != null) {
            tell(loop, event);
        }
    }

    @Override
    public void close() {
        crash();
    }

    private void tell(ChannelLoop loop, Event event) {
        loop.execute(() -> loop.tell(Topology.EVENTS, Topology.keyOf(event), envelope(event, null)));
    }

    private void announce(ChannelLoop loop) {
        Event.ControllerUp up = new Event.ControllerUp(
                Some.controller(name.value(), capacity, Some.MICRO), List.copyOf(instances.values()));
        loop.execute(() -> Inventory.tell(loop, up, part -> envelope(part, null)));
    }

    private void beat(ChannelLoop loop) {
        tell(loop, new Event.ControllerHeartbeat(name, capacity));
        loop.after(HEARTBEAT, () -> beat(loop));
    }

    private void query(ChannelLoop loop, Delivery delivery) {
        loop.ack(delivery);
        if (Message.wireName(Inquiry.RollCall.class).equals(delivery.envelope().type())) {
            rollCalls.incrementAndGet();
            announce(loop);
        } else if (Message.wireName(Inquiry.AskOp.class)
                .equals(delivery.envelope().type())) {
            Inquiry.AskOp question = (Inquiry.AskOp) Codec.inquiry(delivery.envelope());
            loop.reply(
                    String.valueOf(delivery.envelope().replyTo()),
                    envelope(
                            new Inquiry.OpKnown(name.value(), known(question.op())),
                            delivery.envelope().correlationId()));
        } else if (Codec.command(delivery.envelope()) instanceof Command.ReadLog read) {
            loop.reply(
                    String.valueOf(delivery.envelope().replyTo()),
                    envelope(
                            new Reply.InstanceLog(read.id(), "Linux\n", 0L, 6L),
                            delivery.envelope().correlationId()));
        }
    }

    private void command(ChannelLoop loop, Delivery delivery) {
        Envelope envelope = delivery.envelope();
        String type = String.valueOf(envelope.type());
        if (type.equals(Message.wireName(Inquiry.RollCall.class))) {
            loop.ack(delivery);
        } else if (manner == Manner.STUCK) {
            taken.add(delivery);
        } else if (type.equals(Message.wireName(Inquiry.Locate.class))) {
            Inquiry.Locate locate = (Inquiry.Locate) Codec.inquiry(envelope);
            Optional<Boolean> found = inSession(loop, () -> journal.containsKey(locate.requestId()));
            found.ifPresent(known -> {
                loop.ack(delivery);
                loop.reply(
                        String.valueOf(envelope.replyTo()),
                        envelope(new Inquiry.Located(name, locate.requestId(), known), envelope.correlationId()));
            });
        } else {
            taken.add(delivery);
            Optional<Reply> reply = inSession(
                    loop,
                    () -> journal.computeIfAbsent(
                            String.valueOf(envelope.messageId()), _ -> work(Codec.command(envelope))));
            if (manner == Manner.WORKING && reply.isPresent()) {
                loop.ack(delivery);
                if (envelope.replyTo() != null) {
                    loop.reply(envelope.replyTo(), envelope(reply.get(), envelope.correlationId()));
                }
            }
        }
    }

    /** A delivery of a session that is over must not be worked on after a later session has said "no". */
    private <T> Optional<T> inSession(ChannelLoop loop, Supplier<T> step) {
        synchronized (journal) {
            return loop.session().ended().isDone() ? Optional.empty() : Optional.of(step.get());
        }
    }

    /** The requests it has taken, ever. */
    Set<String> requests() {
        return Set.copyOf(journal.keySet());
    }

    private List<OpView> known(String op) {
        OpStep taken = new OpStep(Instant.now(), name.value(), "taken");
        return journal.containsKey(op)
                ? List.of(new OpView(op, "write.instance.new", OpStatus.DONE, "", "", List.of(taken)))
                : List.of();
    }

    private Reply work(Command<?> command) {
        return switch (command) {
            case Command.NewInstance made ->
                new Reply.InstanceCreated(
                        add(made.template(), (int) made.memory().mebibytes(), made.cpus()));
            case Command.DeleteInstance delete -> new Reply.InstanceDeleted(delete.id());
            case Command.KillInstance kill -> new Reply.InstanceStopped(Some.instance(kill.id(), "micro", 64, 1));
            default -> new Reply.Failure(io.kvmcloud.messages.Reason.FAILED, "the fake cannot " + command, "");
        };
    }

    private Envelope envelope(Message message, @Nullable String correlationId) {
        return Envelope.ofController(name, "fake", message, correlationId);
    }
}
