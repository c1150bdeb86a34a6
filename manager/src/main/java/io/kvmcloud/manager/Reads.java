package io.kvmcloud.manager;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Inquiry.RollCall;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The manager as a listener and as the one who answers reads: hears what controllers tell, keeps the table, and answers from
 * it. A read about one instance is passed on to its controller. Every manager does this, active or not.
 */
final class Reads implements SessionLoop.Participant {

    private static final Logger LOG = LoggerFactory.getLogger(Reads.class);
    private static final int PREFETCH = 64;
    private static final int MOST_FOLLOWERS = 16;
    private static final int PREFETCH_EVENTS = 500;
    private static final Duration WATCH = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    /** A read is worthless later. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final String name;
    private final Clock clock;
    private final Controllers controllers;
    private final Trail trail;

    /** How many wait for something to happen; only the channel's thread counts. */
    private int followers;

    Reads(String name, Clock clock, Controllers controllers, Trail trail) {
        this.name = name;
        this.clock = clock;
        this.controllers = controllers;
        this.trail = trail;
    }

    @Override
    public void join(Session session) throws IOException {
        followers = 0; // those of another session are lost with it
        ChannelLoop loop = session.channel("manager " + name + " queries");
        Ops ops = new Ops(name, clock, controllers, trail, loop);
        String events = Topology.eventsOf(name);
        loop.declareExclusive(events);
        loop.bind(events, Topology.EVENTS, "#");
        loop.bind(events, Topology.UNPICKED, "");
        String queries = queries(session, loop);
        Administration administration =
                new Administration(session, loop, controllers, new DeadLetters(session, loop, clock));
        Examination examination = new Examination(name, session, controllers, clock);
        loop.consume(events, "manager " + name + " events", PREFETCH_EVENTS, delivery -> heard(loop, ops, delivery));
        loop.consume(
                queries,
                "manager " + name + " queries",
                PREFETCH,
                delivery -> asked(loop, ops, administration, examination, delivery));
        loop.consumeReplies(ops::answered);
        // A channel of its own: for each quorum queue that one reaches for the first time the broker writes to disk,
        // and reads no acknowledgement of events until it has.
        ChannelLoop queues = session.channel("manager " + name + " roll call");
        loop.execute(() -> {
            controllers.rollCalled();
            // Who is connected answers at once; the queue of who is not sends it back and so names its owner.
            loop.tell(
                    Topology.CONTROLLERS, Topology.ROLL_CALL, Answers.message(new RollCall(), null, null, null, false));
            queues.execute(() -> askQueues(queues));
        });
        loop.execute(() -> watch(loop));
    }

    private void askQueues(ChannelLoop queues) {
        Envelope rollCall = Answers.message(new RollCall(), null, null, Topology.PICK_UP, true);
        queues.publish(Topology.CONTROLLERS, Topology.ROLL_CALL_OF_ALL, rollCall, outcome -> {
            switch (outcome) {
                case CONFIRMED, UNROUTABLE -> controllers.queuesAsked();
                // One of them is full, or without a leader.
                case REFUSED -> queues.after(WATCH, () -> askQueues(queues));
            }
        });
    }

    /**
     * In a cluster a shared queue for reads would live on one node, and be missed by all while that is down: there each
     * manager answers every read, and the active one carries out what operators ask (docs/decisions/0008).
     */
    private String queries(Session session, ChannelLoop loop) throws IOException {
        String queue = session.cluster() ? Topology.queriesOf(name) : Topology.MANAGER_QUERIES;
        if (session.cluster()) {
            loop.declareExclusive(queue);
        } else {
            loop.declareWhileConsumed(queue);
            loop.bind(queue, Topology.COMMANDS, Topology.ADMINISTRATION);
        }
        loop.bind(queue, Topology.COMMANDS, "read.#");
        return queue;
    }

    @Override
    public void left() {
        controllers.deaf();
    }

    private void watch(ChannelLoop loop) {
        if (loop.session().blocked() != null) {
            controllers.excuseSilence();
        }
        controllers.watch();
        loop.after(WATCH, () -> watch(loop));
    }

    private void heard(ChannelLoop loop, Ops ops, Delivery delivery) {
        loop.ack(delivery);
        Envelope envelope = delivery.envelope();
        if (Topology.UNPICKED.equals(delivery.exchange())) {
            if (Topology.MANAGER_USER.equals(envelope.userId())) {
                Intake.unheardBy(envelope).ifPresent(controllers::unheard);
            }
            return;
        }
        if (Topology.MANAGERS.equals(delivery.routingKey())) {
            ops.asked(delivery);
            return;
        }
        try {
            Event event = Codec.event(envelope);
            if (!Gate.admits(event, delivery)) {
                LOG.warn(
                        "ignored an event of user {} with key {}: it is not its own",
                        envelope.userId(),
                        Intake.plain(delivery.routingKey()));
            } else if (!controllers.heard(event)) {
                askOne(loop, event.controller());
            }
        } catch (CommandFailed unreadable) {
            LOG.warn("ignored an event of user {}: {}", envelope.userId(), unreadable.getMessage());
        }
    }

    /** We hear of it and do not know what it has. */
    private void askOne(ChannelLoop loop, ControllerName controller) {
        loop.tell(
                Topology.CONTROLLERS,
                Topology.queryKey(controller),
                Answers.message(new RollCall(), null, null, null, false));
    }

    private void asked(
            ChannelLoop loop, Ops ops, Administration administration, Examination examination, Delivery delivery) {
        if (!controllers.settled()) {
            loop.after(LOOK_AGAIN, () -> asked(loop, ops, administration, examination, delivery));
            return;
        }
        try {
            RoutingKey key = RoutingKey.parse(delivery.routingKey())
                    .filter(parsed -> !parsed.write() && Topology.COMMANDS.equals(delivery.exchange()))
                    .orElseThrow(() -> invalid("routing key '" + delivery.routingKey() + "' is no read"));
            Envelope envelope = delivery.envelope();
            if (!key.type().equals(envelope.type())) {
                throw invalid(
                        "its type is '" + envelope.type() + "' but its routing key is '" + delivery.routingKey() + "'");
            }
            ControllerName owner = key.controller();
            if (owner != null) {
                passOn(loop, delivery, owner);
                return;
            }
            Command<?> command = Codec.command(envelope, delivery.routingKey());
            if (command instanceof Command.Administration<?> task) {
                LOG.info("{} for {}", task, envelope.userId());
                Thread.startVirtualThread(() -> Answers.answer(loop, delivery, administration.carryOut(task)));
            } else {
                answer(loop, ops, examination, delivery, command);
            }
        } catch (CommandFailed refused) {
            LOG.info("read with key {}: {}", Intake.plain(delivery.routingKey()), refused.getMessage());
            if (Intake.answerable(delivery.envelope())) {
                Answers.answer(loop, delivery, refused.failure());
            } else {
                Answers.bury(loop, delivery, refused.failure().message());
            }
        }
    }

    private void answer(ChannelLoop loop, Ops ops, Examination examination, Delivery delivery, Command<?> command) {
        switch (command) {
            case Command.ListInstances(var page) ->
                Answers.answer(loop, delivery, page, part -> Lists.instances(controllers, part));
            case Command.ListTemplates _ -> Answers.answer(loop, delivery, Lists.templates(controllers));
            case Command.ListControllers(var page) ->
                Answers.answer(loop, delivery, page, part -> Lists.controllers(controllers, part));
            case Command.ListEvents wish ->
                tell(loop, delivery, wish, clock.instant().plusSeconds(wish.seconds()));
            case Command.ShowOp(var op) -> ops.show(op, delivery);
            case Command.ExamineCloud _ ->
                Thread.startVirtualThread(() -> Answers.answer(loop, delivery, examination.answer()));
            case Command.Ping _ -> Answers.answer(loop, delivery, new Reply.Pong(name));
            case Command.Inspection<?> _,
                    Command.Placed<?> _,
                    Command.Addressed<?> _,
                    Command.Hosted<?> _,
                    Command.Administration<?> _ ->
                throw invalid("a " + command.wireName() + " is not answered from a manager's table");
        }
    }

    /** Who waits for something to happen keeps a place of our prefetch; most of these are for who does not. */
    private void tell(ChannelLoop loop, Delivery delivery, Command.ListEvents wish, Instant until) {
        Reply.EventList events = controllers.eventsSince(wish.since());
        if (!events.events().isEmpty()
                || followers >= MOST_FOLLOWERS
                || !clock.instant().isBefore(until)) {
            Answers.answer(loop, delivery, events);
        } else {
            followers++;
            loop.after(LOOK_AGAIN, () -> {
                followers--;
                tell(loop, delivery, wish, until);
            });
        }
    }

    /** The controller's query queue is there only while it is connected, so an absent one is known at once. */
    private void passOn(ChannelLoop loop, Delivery delivery, ControllerName owner) {
        if (!Intake.answerable(delivery.envelope())) {
            loop.ack(delivery);
            return;
        }
        loop.publish(Topology.CONTROLLERS, Topology.queryKey(owner), passedOn(delivery), outcome -> {
            if (outcome == ChannelLoop.Outcome.CONFIRMED) {
                loop.ack(delivery);
            } else {
                Answers.answer(loop, delivery, absent(owner));
            }
        });
    }

    private Failure absent(ControllerName owner) {
        Optional<Host> host = controllers.host(owner);
        return host.isPresent()
                ? new Failure(
                        Reason.UNREACHABLE,
                        "controller " + owner + " is not connected ("
                                + host.get().lastSeen() + ")",
                        "`kvm-cloud controllers` shows who is there")
                : Refusals.noQueue(owner, controllers, true);
    }

    private Envelope passedOn(Delivery delivery) {
        Envelope from = delivery.envelope();
        Instant now = clock.instant();
        long deadline = Math.min(
                from.number(Headers.DEADLINE, Long.MAX_VALUE),
                now.plus(LONGEST_WAIT).toEpochMilli());
        Map<String, Object> headers = new HashMap<>(Map.of(
                Headers.VERSION, from.number(Headers.VERSION, Message.VERSION),
                Headers.DEADLINE, deadline,
                Headers.KEY, delivery.routingKey()));
        @Nullable String user = from.userId();
        if (user != null) {
            headers.put(Headers.ON_BEHALF_OF, user);
        }
        Duration left = Duration.ofMillis(Math.max(1, deadline - now.toEpochMilli()));
        return new Envelope(
                from.type(),
                from.messageId(),
                from.correlationId(),
                from.replyTo(),
                null,
                Answers.APP,
                headers,
                left,
                false,
                from.body());
    }

    private static CommandFailed invalid(String message) {
        return new CommandFailed(Reason.INVALID, Intake.plain(message), "docs/wire.md shows every message");
    }
}
