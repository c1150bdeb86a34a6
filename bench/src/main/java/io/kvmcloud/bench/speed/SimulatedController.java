package io.kvmcloud.bench.speed;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Inventory;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.TemplateView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A controller as the broker and the managers see one: its connection, its two queues, its heartbeats and inventories, and an
 * answer to each command. Instances are records of this program; there is no QEMU, no disk and no journal.
 */
final class SimulatedController implements SessionLoop.Participant {

    /** How many instances it begins with; of these one in ten is ONLINE. */
    static final int INSTANCES = 100;

    /** The number of the first. */
    static final long FIRST = 1000;

    private static final Duration HEARTBEAT = Duration.ofSeconds(2);
    private static final int HEARTBEATS_PER_INVENTORY = 15;
    private static final int PREFETCH = 64;
    private static final TemplateView TEMPLATE = new TemplateView(
            Lab.TEMPLATE,
            "A template that nobody boots",
            MemorySize.ofMebibytes(64),
            "root",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            31_457_280L,
            false);

    private final ControllerName name;

    private Runnable joined;

    /** By number; only the channel's thread uses it. */
    private final NavigableMap<Long, InstanceView> instances = new TreeMap<>();

    private long next = FIRST + INSTANCES;

    /** @param joined told once, when it is on the broker for the first time */
    SimulatedController(ControllerName name, Runnable joined) {
        this.joined = joined;
        this.name = name;
        for (long number = FIRST; number < next; number++) {
            InstanceStatus status = number % 10 == 0 ? InstanceStatus.ONLINE : InstanceStatus.OFFLINE;
            instances.put(number, instance(number, "web-" + name + "-" + number, status));
        }
    }

    @Override
    public void join(Session session) throws IOException {
        ChannelLoop loop = session.channel("controller " + name);
        loop.declareExclusive(Topology.queriesOf(name));
        loop.declareQuorum(Topology.commandsOf(name));
        loop.bind(Topology.commandsOf(name), Topology.CONTROLLERS, Topology.commandKey(name));
        loop.bind(Topology.queriesOf(name), Topology.CONTROLLERS, Topology.queryKey(name));
        loop.bind(Topology.queriesOf(name), Topology.CONTROLLERS, Topology.ROLL_CALL);
        loop.bind(Topology.commandsOf(name), Topology.CONTROLLERS, Topology.ROLL_CALL_OF_ALL);
        loop.consume(
                Topology.commandsOf(name),
                "controller " + name + " commands",
                PREFETCH,
                delivery -> taken(loop, delivery));
        loop.consume(
                Topology.queriesOf(name),
                "controller " + name + " queries",
                PREFETCH,
                delivery -> taken(loop, delivery));
        loop.execute(() -> announce(loop));
        joined.run();
        joined = () -> {};
        // Real ones were not all started in the same moment.
        loop.after(
                Duration.ofMillis(ThreadLocalRandom.current().nextLong(HEARTBEAT.toMillis())),
                () -> beat(loop, ThreadLocalRandom.current().nextInt(HEARTBEATS_PER_INVENTORY)));
    }

    private void beat(ChannelLoop loop, int count) {
        if (count % HEARTBEATS_PER_INVENTORY == 0) {
            announce(loop);
        } else {
            tell(loop, new Event.ControllerHeartbeat(name, capacity()));
        }
        loop.after(HEARTBEAT, () -> beat(loop, count + 1));
    }

    private void announce(ChannelLoop loop) {
        ControllerView view = new ControllerView(
                name, "host-of-" + name, "0.2.0", "tcg", "simulated", capacity(), List.of(TEMPLATE), List.of());
        Event.ControllerUp up = new Event.ControllerUp(view, List.copyOf(instances.values()));
        loop.execute(() -> Inventory.tell(loop, up, part -> envelope(part, null)));
    }

    private Capacity capacity() {
        int used = instances.size();
        return new Capacity(1 << 20, used * 64L, 100_000, used, used);
    }

    private void taken(ChannelLoop loop, Delivery delivery) {
        Envelope envelope = delivery.envelope();
        loop.ack(delivery);
        String type = String.valueOf(envelope.type());
        if (type.equals(Message.wireName(Inquiry.RollCall.class))) {
            if (!Topology.ROLL_CALL_OF_ALL.equals(delivery.routingKey())) {
                announce(loop);
            }
            return;
        }
        Message answer = type.equals(Message.wireName(Inquiry.AskOp.class))
                ? new Inquiry.OpKnown(name.value(), List.of())
                : carryOut(loop, Codec.command(envelope, envelope.header(Headers.KEY)));
        if (envelope.replyTo() != null) {
            loop.reply(envelope.replyTo(), envelope(answer, envelope.correlationId()));
        }
    }

    private Reply carryOut(ChannelLoop loop, Command<?> command) {
        return switch (command) {
            case Command.NewInstance wanted -> {
                InstanceView made = instance(next++, wanted.name(), InstanceStatus.OFFLINE);
                instances.put(made.id().number(), made);
                tell(loop, new Event.InstanceChanged(made));
                yield new Reply.InstanceCreated(made);
            }
            case Command.DeleteInstance(var id, var _) -> {
                instances.remove(id.number());
                tell(loop, new Event.InstanceRemoved(id));
                yield new Reply.InstanceDeleted(id, "");
            }
            case Command.KillInstance(var id) ->
                new Reply.InstanceStopped(Objects.requireNonNull(instances.get(id.number())));
            default -> new Reply.Failure(Reason.REFUSED, "a simulated controller does no " + command.wireName(), "");
        };
    }

    private InstanceView instance(long number, String called, InstanceStatus status) {
        return new InstanceView(
                new InstanceId(name, number),
                called,
                Lab.TEMPLATE,
                MemorySize.ofMebibytes(64),
                1,
                new DiskSize(4096),
                (int) (2200 + number % 1000),
                "127.0.0.1",
                "root",
                status,
                Instant.now(),
                "",
                BootReport.NONE,
                List.of(),
                12);
    }

    private void tell(ChannelLoop loop, Event event) {
        loop.execute(() -> loop.tell(Topology.EVENTS, Topology.keyOf(event), envelope(event, null)));
    }

    private Envelope envelope(Message message, @Nullable String correlationId) {
        return Envelope.ofController(name, "kvm-controller/simulated", message, correlationId);
    }
}
