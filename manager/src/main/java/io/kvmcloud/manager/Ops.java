package io.kvmcloud.manager;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Inquiry.AskOp;
import io.kvmcloud.messages.Inquiry.OpKnown;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Reply;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what became of a command: asks every manager, which remember what they did lately, and every controller, whose
 * journals keep the outcomes, and puts together what they say. A controller that is silent delays the answer by two seconds.
 */
final class Ops {

    private static final Logger LOG = LoggerFactory.getLogger(Ops.class);

    /** Other managers are not counted, so they get this long; we hear ourselves in any case. */
    private static final Duration MANAGERS_ANSWER = Duration.ofMillis(150);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** A question that is being asked. */
    private static final class Question {
        final String op;
        final Instant asked;
        final Set<String> heardFrom = new HashSet<>();
        final List<OpView> ofManagers = new ArrayList<>();
        final List<OpView> ofControllers = new ArrayList<>();

        Question(String op, Instant asked) {
            this.op = op;
            this.asked = asked;
        }

        /** All steps in the order of time; who has it in a journal knows more than who sent it there. */
        Optional<OpView> together() {
            List<OpStep> steps = Stream.concat(ofManagers.stream(), ofControllers.stream())
                    .flatMap(view -> view.steps().stream())
                    .sorted(Comparator.comparing(OpStep::at))
                    .toList();
            return (ofControllers.isEmpty() ? ofManagers : ofControllers)
                    .stream()
                            .max(Comparator.comparing(
                                    view -> view.steps().getLast().at()))
                            .map(best -> new OpView(
                                    best.op(), best.command(), best.status(), best.message(), best.hint(), steps));
        }
    }

    private final String name;
    private final Clock clock;
    private final Controllers controllers;
    private final Trail trail;
    private final ChannelLoop loop;
    private final Map<String, Question> questions = new HashMap<>();

    /** One life of the channel. */
    Ops(String name, Clock clock, Controllers controllers, Trail trail, ChannelLoop loop) {
        this.name = name;
        this.clock = clock;
        this.controllers = controllers;
        this.trail = trail;
        this.loop = loop;
    }

    /** Answers this read when everybody has been heard, or has had the time. */
    void show(String op, Delivery delivery) {
        Question question = new Question(op, clock.instant());
        Envelope ask = Answers.message(
                new AskOp(op), delivery.envelope().messageId(), Topology.DIRECT_REPLY_TO, PATIENCE, false);
        questions.put(String.valueOf(ask.correlationId()), question);
        loop.tell(Topology.EVENTS, Topology.MANAGERS, ask);
        loop.tell(Topology.CONTROLLERS, Topology.ROLL_CALL, ask);
        loop.after(MANAGERS_ANSWER, () -> look(question, String.valueOf(ask.correlationId()), delivery));
    }

    /** A manager asks, perhaps ourselves. */
    void asked(Delivery delivery) {
        Envelope question = delivery.envelope();
        if (!Topology.MANAGER_USER.equals(question.userId()) || !Intake.answerable(question)) {
            return;
        }
        try {
            if (Codec.inquiry(question) instanceof AskOp(var op)) {
                OpKnown known = new OpKnown(name, trail.of(op).stream().toList());
                loop.reply(
                        String.valueOf(question.replyTo()),
                        Answers.message(known, question.correlationId(), null, null, false));
            }
        } catch (CommandFailed unreadable) {
            LOG.warn("a question of another manager cannot be read: {}", unreadable.getMessage());
        }
    }

    /** Somebody answered. */
    void answered(Delivery delivery) {
        Envelope answer = delivery.envelope();
        Question question = questions.get(answer.correlationId());
        try {
            if (question != null && Codec.inquiry(answer) instanceof OpKnown(var who, var known)) {
                boolean manager = Topology.MANAGER_USER.equals(answer.userId());
                if ((manager || who.equals(answer.userId())) && question.heardFrom.add(who)) {
                    (manager ? question.ofManagers : question.ofControllers).addAll(known);
                }
            }
        } catch (CommandFailed unreadable) {
            LOG.warn("an answer of user {} cannot be read: {}", answer.userId(), unreadable.getMessage());
        }
    }

    private void look(Question question, String id, Delivery delivery) {
        List<Host> silent = controllers.hosts().stream()
                .filter(host -> !question.heardFrom.contains(host.name().value()))
                .toList();
        boolean late = Duration.between(question.asked, clock.instant()).compareTo(PATIENCE) >= 0;
        boolean complete = question.heardFrom.contains(name) && silent.stream().noneMatch(Host::reachable);
        if (!late && !complete) {
            loop.after(LOOK_AGAIN, () -> look(question, id, delivery));
            return;
        }
        questions.remove(id);
        Optional<Reply> found = question.together().map(Reply.OpShown::new);
        Answers.answer(loop, delivery, found.orElseGet(() -> Refusals.unknownOp(question.op, silent)));
    }
}
