package io.kvmcloud.controller;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Stands where manager and client are: asks one controller, and knows what it tells of its instances. */
final class OneManager implements SessionLoop.Participant, AutoCloseable {

    private final ControllerName controller;
    private final Map<String, CompletableFuture<Reply>> asked = new ConcurrentHashMap<>();
    private final Map<InstanceId, InstanceView> views = new ConcurrentHashMap<>();
    private final SessionLoop loop;
    private volatile @Nullable ChannelLoop channel;
    private volatile boolean up;

    OneManager(BrokerAddress address, ControllerName controller) {
        this.controller = controller;
        this.loop = SessionLoop.start(address, "kvm-manager of a test", this);
    }

    @Override
    public void join(Session session) throws IOException {
        ChannelLoop joined = session.channel("one manager");
        joined.declareExclusive(Topology.eventsOf("m1"));
        joined.bind(Topology.eventsOf("m1"), Topology.EVENTS, "#");
        joined.consume(Topology.eventsOf("m1"), "m1 events", 64, delivery -> {
            joined.ack(delivery);
            note(Codec.event(delivery.envelope()));
        });
        joined.consumeReplies(this::answered);
        channel = joined;
    }

    @Override
    public void left() {
        channel = null;
    }

    /** Sends a command and does not wait. */
    CompletableFuture<Reply> send(Command<?> command) {
        return send(command, UUID.randomUUID().toString());
    }

    /** Sends a command under an id that it may have had before, and does not wait. */
    CompletableFuture<Reply> send(Command<?> command, String id) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        asked.put(id, answer);
        ChannelLoop now =
                Awaitility.await("a session").atMost(Duration.ofSeconds(60)).until(() -> channel, Objects::nonNull);
        Envelope envelope = new Envelope(
                command.wireName(),
                id,
                id,
                Topology.DIRECT_REPLY_TO,
                null,
                "test",
                Map.of(
                        Headers.VERSION,
                        Message.VERSION,
                        Headers.DEADLINE,
                        Instant.now().plusSeconds(60).toEpochMilli(),
                        Headers.KEY,
                        Topology.keyOf(command)),
                null,
                true,
                Codec.encode(command));
        String key = command instanceof Command.Inspection<?>
                ? Topology.queryKey(controller)
                : Topology.commandKey(controller);
        now.execute(() -> now.tell(Topology.CONTROLLERS, key, envelope));
        return answer;
    }

    /** Sends a command and waits for its answer, also a {@link Reply.Failure}. */
    Reply ask(Command<?> command) {
        return send(command).orTimeout(90, TimeUnit.SECONDS).join();
    }

    /** The instance as its controller told last; empty when it told that it is gone, or nothing yet. */
    Optional<InstanceView> view(InstanceId id) {
        return Optional.ofNullable(views.get(id));
    }

    /** Does what is about to end a session of the controller, and waits until the next one has told all it has. */
    void whileControllerIsAway(Runnable fault) {
        up = false;
        fault.run();
        awaitController();
    }

    /** Waits until the controller has told all it has. */
    void awaitController() {
        Awaitility.await("the controller").atMost(Duration.ofSeconds(90)).until(() -> up);
    }

    private void note(Event event) {
        switch (event) {
            case Event.ControllerUp(var _, var instances, var _, var _) -> {
                views.clear();
                instances.forEach(each -> views.put(each.id(), each));
                up = true;
            }
            case Event.InstanceChanged(var instance) -> views.put(instance.id(), instance);
            case Event.InstanceRemoved(var id) -> views.remove(id);
            case Event.ControllerHeartbeat _,
                    Event.ControllerDown _,
                    Event.ControllerForgotten _,
                    Event.InstanceNotCreated _ -> {}
        }
    }

    private void answered(Delivery delivery) {
        CompletableFuture<Reply> waiting =
                asked.remove(String.valueOf(delivery.envelope().correlationId()));
        if (waiting != null) {
            waiting.complete(Codec.reply(delivery.envelope()));
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
