package io.kvmcloud.manager;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.QueueLook;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.manager.Incoming.Echo;
import io.kvmcloud.manager.Incoming.Malformed;
import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Inquiry.Locate;
import io.kvmcloud.messages.Inquiry.Located;
import io.kvmcloud.messages.Reply.Failure;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The manager on its command queue. Consumes, publishes and acknowledges on one channel: when that dies, nothing published
 * on it later can arrive, and everything not acknowledged comes again. What to do is decided by {@link Routing}.
 */
final class Router implements SessionLoop.Participant {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);
    private static final int PREFETCH = 256;
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Duration LONGEST_WAIT_FOR_TABLE = Controllers.ROLL_CALL_COMPLETE;
    private static final List<String> PLACEMENT_HEADERS =
            List.of(Headers.VERSION, Headers.TEMPLATE, Headers.MEMORY, Headers.CPUS);

    private final String name;
    private final Clock clock;
    private final Controllers controllers;
    private final Trail trail;
    private final Placement placement = new Placement();

    Router(String name, Clock clock, Controllers controllers, Trail trail) {
        this.name = name;
        this.clock = clock;
        this.controllers = controllers;
        this.trail = trail;
    }

    @Override
    public void join(Session session) throws IOException {
        ChannelLoop loop = session.channel("manager " + name + " commands");
        String life = name + "-" + Long.toString(clock.millis(), Character.MAX_RADIX);
        Line line = new Line(
                loop,
                new Routing(clock, controllers, placement, life),
                new Administration(session, loop, controllers, new DeadLetters(session, loop, clock)));
        if (session.cluster()) { // else the queue for reads has it
            loop.bind(Topology.MANAGER_COMMANDS, Topology.COMMANDS, Topology.ADMINISTRATION);
        }
        loop.consumeReplies(line::located);
        loop.execute(() -> consumeWhenSettled(line, clock.instant().plus(LONGEST_WAIT_FOR_TABLE)));
    }

    /** Not before the table is filled: "no controller is connected" would be a lie. */
    private void consumeWhenSettled(Line line, Instant latest) {
        ChannelLoop loop = line.loop;
        if (!controllers.settled() && clock.instant().isBefore(latest)) {
            loop.after(LOOK_AGAIN, () -> consumeWhenSettled(line, latest));
            return;
        }
        try {
            line.stored = loop.session()
                    .look(Topology.MANAGER_COMMANDS)
                    .map(QueueLook::messages)
                    .orElse(0);
            loop.consume(Topology.MANAGER_COMMANDS, "manager " + name + " commands", PREFETCH, line::arrived);
        } catch (IOException refused) {
            loop.session().fail("cannot consume " + Topology.MANAGER_COMMANDS + ": " + refused);
        }
    }

    /** One life of the channel and what is known through it. */
    private final class Line {
        final ChannelLoop loop;
        final Routing routing;
        final Administration administration;

        /** How many came before us and are still to be read: while no manager was there clients were told that these are stored. */
        int stored;

        Line(ChannelLoop loop, Routing routing, Administration administration) {
            this.loop = loop;
            this.routing = routing;
            this.administration = administration;
        }

        void arrived(Delivery delivery) {
            boolean fromStore = stored > 0;
            stored = Math.max(0, stored - 1);
            if (Administration.isFor(delivery)) {
                administer(delivery);
                return;
            }
            switch (Intake.read(delivery, clock.instant())) {
                case Write write -> perform(routing.arrived(fromStore ? write.fromStore() : write));
                case Echo _ -> loop.ack(delivery);
                case Malformed malformed -> {
                    LOG.warn(
                            "message on {}: {}",
                            shown(delivery),
                            malformed.failure().message());
                    answerOrBury(delivery, malformed.failure());
                }
            }
        }

        private void administer(Delivery delivery) {
            try {
                Command.Administration<?> task = Administration.task(delivery);
                LOG.info("{} for {}", task, delivery.envelope().userId());
                Thread.startVirtualThread(() -> Answers.answer(loop, delivery, administration.carryOut(task)));
            } catch (CommandFailed refused) {
                LOG.info("{}: {}", shown(delivery), refused.getMessage());
                answerOrBury(delivery, refused.failure());
            }
        }

        void located(Delivery delivery) {
            Envelope envelope = delivery.envelope();
            try {
                if (Codec.inquiry(envelope) instanceof Located located
                        && located.controller().value().equals(envelope.userId())
                        && envelope.correlationId() != null) {
                    LOG.info(
                            "request {}: {} {} taken it",
                            located.requestId(),
                            located.controller(),
                            located.found() ? "has" : "has not");
                    perform(routing.located(
                            envelope.correlationId(), located.requestId(), located.controller(), located.found()));
                }
            } catch (CommandFailed notAnAnswer) {
                LOG.warn("an answer of user {} cannot be read: {}", envelope.userId(), notAnAnswer.getMessage());
            }
        }

        private void perform(List<Step> steps) {
            for (Step step : steps) {
                trail.note(step);
                switch (step) {
                    case Step.Send send -> send(send);
                    case Step.Ask ask -> ask(ask);
                    case Step.Park park -> park(park);
                    case Step.Answer answer -> {
                        LOG.info("{}: {}", answer.write(), answer.failure().message());
                        answerOrBury(answer.write().delivery(), answer.failure());
                    }
                    case Step.Drop drop -> {
                        LOG.info("{}: dropped, {}", drop.write(), drop.why());
                        loop.ack(drop.write().delivery());
                    }
                }
            }
        }

        private void send(Step.Send send) {
            Write write = send.write();
            LOG.info("{}: to {} as {} for {}", write, send.to(), send.copy(), write.askedBy());
            Envelope copy = forwarded(write, expiration(write), Map.of(Headers.COPY, send.copy()));
            loop.publish(Topology.CONTROLLERS, Topology.commandKey(send.to()), copy, outcome -> {
                switch (outcome) {
                    case CONFIRMED -> loop.ack(write.delivery());
                    case UNROUTABLE -> perform(routing.unroutable(send));
                    case REFUSED -> perform(routing.refused(send));
                }
            });
        }

        private void ask(Step.Ask ask) {
            if (!ask.whom().isEmpty()) {
                LOG.info("request {}: asking {} whether they have taken it", ask.requestId(), ask.whom());
            }
            ask.whom()
                    .forEach(controller -> loop.tell(
                            Topology.CONTROLLERS,
                            Topology.commandKey(controller),
                            Answers.message(
                                    new Locate(ask.requestId()),
                                    ask.search(),
                                    Topology.DIRECT_REPLY_TO,
                                    Topology.PICK_UP,
                                    true)));
            loop.after(ASK_AGAIN, () -> perform(routing.again(ask.search(), ask.requestId())));
        }

        private void park(Step.Park park) {
            Write first = park.writes().getFirst();
            LOG.warn("{}: put aside; {}", first, park.what() instanceof Failure why ? why.message() : park.what());
            loop.publish(
                    "", Topology.MANAGER_INDOUBT, forwarded(first, null, Map.of(Headers.STORED, true)), outcome -> {
                        if (outcome != ChannelLoop.Outcome.CONFIRMED) {
                            throw new IllegalStateException(
                                    Topology.MANAGER_INDOUBT + " does not take messages: " + outcome);
                        }
                        park.writes().forEach(write -> {
                            if (first.parked()
                                    || !Intake.answerable(write.delivery().envelope())) {
                                loop.ack(write.delivery());
                            } else {
                                Answers.answer(loop, write.delivery(), park.what());
                            }
                        });
                    });
        }

        private void answerOrBury(Delivery delivery, Failure failure) {
            if (Intake.answerable(delivery.envelope())) {
                Answers.answer(loop, delivery, failure);
            } else {
                Answers.bury(loop, delivery, failure.message());
            }
        }
    }

    /** A fresh envelope around the same body: no broker header and no foreign user travels on. */
    private Envelope forwarded(Write write, @Nullable Duration expiration, Map<String, Object> more) {
        Envelope from = write.delivery().envelope();
        Map<String, Object> headers = new HashMap<>(more);
        for (String header : PLACEMENT_HEADERS) {
            Object value = from.headers().get(header);
            if (value != null) {
                headers.put(header, value);
            }
        }
        if (write.target() instanceof Target.Anyone(var needs)) {
            headers.put(Headers.NAME, needs.name()); // also an empty one: a name that we have not seen is in no body
        }
        headers.put(Headers.DEADLINE, write.deadline().toEpochMilli());
        headers.put(Headers.ATTEMPT, write.attempt());
        if (write.kept()) {
            headers.put(Headers.KEPT, true);
        }
        if (write.stored()) {
            headers.put(Headers.STORED, true);
        }
        headers.put(Headers.KEY, write.key());
        if (write.askedBy() != null) {
            headers.put(Headers.ON_BEHALF_OF, write.askedBy());
        }
        return new Envelope(
                from.type(),
                write.requestId(),
                from.correlationId(),
                from.replyTo(),
                null,
                Answers.APP,
                headers,
                expiration,
                true,
                from.body());
    }

    private Duration expiration(Write write) {
        Duration left = Duration.between(clock.instant(), write.deadline());
        Duration shorter = left.compareTo(Topology.PICK_UP) < 0 ? left : Topology.PICK_UP;
        return shorter.toMillis() < 1 ? Duration.ofMillis(1) : shorter;
    }

    private static String shown(Delivery delivery) {
        return Intake.plain(delivery.exchange() + " with key " + delivery.routingKey());
    }
}
