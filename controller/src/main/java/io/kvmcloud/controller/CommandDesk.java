package io.kvmcloud.controller;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.controller.instance.Order;
import io.kvmcloud.controller.journal.Journal;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Inquiry;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.OpStatus;
import io.kvmcloud.messages.OpStep;
import io.kvmcloud.messages.OpView;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Text;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where commands are taken in: checked, journalled, acknowledged, carried out, settled, answered. No delivery is held while
 * something slow goes on, and every one that can be answered is.
 */
final class CommandDesk {

    private static final Logger LOG = LoggerFactory.getLogger(CommandDesk.class);

    /** Sends an answer on whatever session there is when it is ready. */
    interface Answers {
        /** Sends it to this reply-to address, or drops it when no session is there: the journal has it. */
        void send(String replyTo, String requestId, Message reply);
    }

    private final ControllerName name;
    private final Journal journal;
    private final CommandHandler handler;
    private final Answers answers;
    private final Clock clock;

    CommandDesk(ControllerName name, Journal journal, CommandHandler handler, Answers answers, Clock clock) {
        this.name = name;
        this.journal = journal;
        this.handler = handler;
        this.answers = answers;
        this.clock = clock;
    }

    /**
     * Does again what an earlier life accepted and did not finish. When this returns, all of it that is about instances is in
     * their hands, in its order: what a session brings comes after it.
     */
    void resume() {
        for (Journal.Entry entry : journal.unsettled()) {
            LOG.info("request {}: {} was not finished, going on", entry.requestId(), entry.command());
            work(entry, true);
        }
    }

    /** A command from our queue; on the channel's thread. */
    void take(Delivery delivery, ChannelLoop channel) {
        Envelope envelope = delivery.envelope();
        try {
            requireManager(delivery);
            Command<?> command = Codec.command(envelope, envelope.header(Headers.KEY));
            requireName(envelope, command);
            String requestId = requestId(envelope);
            Instant deadline = Instant.ofEpochMilli(envelope.number(Headers.DEADLINE, Long.MAX_VALUE / 2));
            if (command instanceof Command.Addressed<?> fleeting && !fleeting.journalled()) {
                channel.ack(delivery); // first: a copy that the broker brings to a later life is one too many
                pass(new Order(fleeting, requestId, clock.instant(), deadline, false), envelope);
                return;
            }
            Optional<Journal.Accepted> accepted = journal.accept(
                    requestId,
                    command,
                    deadline,
                    () -> !channel.session().ended().isDone(),
                    handler::unchanged);
            accepted.ifPresent(request -> {
                requireSame(request.entry(), command);
                take(request, delivery, channel);
            });
        } catch (CommandFailed refused) {
            refuse(delivery, channel, refused.failure());
        }
    }

    /** To its instance, in the order in which they come. */
    private void pass(Order order, Envelope envelope) {
        var _ = handler.instances()
                .ask(order)
                .whenComplete((reply, failed) -> answer(envelope, failed == null ? reply : failure(failed)));
    }

    /**
     * Tells the manager whether we have a request. It stands behind every copy of it that was sent before, and the journal is
     * asked under its lock, so "no" stays true until this manager sends one.
     */
    void locate(Delivery delivery, ChannelLoop channel) {
        try {
            requireManager(delivery);
            if (Codec.inquiry(delivery.envelope()) instanceof Inquiry.Locate(var requestId)) {
                boolean found = journal.find(requestId).isPresent();
                answer(delivery.envelope(), new Inquiry.Located(name, requestId, found));
            }
            channel.ack(delivery);
        } catch (CommandFailed refused) {
            refuse(delivery, channel, refused.failure());
        }
    }

    /** Tells a manager what the journal says of a command. */
    void tell(Delivery delivery, ChannelLoop channel) {
        try {
            requireManager(delivery);
            if (Codec.inquiry(delivery.envelope()) instanceof Inquiry.AskOp(var op)) {
                List<OpView> known = journal.find(op).map(this::view).stream().toList();
                answer(delivery.envelope(), new Inquiry.OpKnown(name.value(), known));
            }
            channel.ack(delivery);
        } catch (CommandFailed refused) {
            refuse(delivery, channel, refused.failure());
        }
    }

    private OpView view(Journal.Entry entry) {
        String key = Topology.keyOf(entry.command());
        OpStep taken = new OpStep(entry.accepted(), name.value(), "taken");
        if (!entry.outcome().isDone()) {
            return new OpView(entry.requestId(), key, OpStatus.RUNNING, "", "", List.of(taken));
        }
        Journal.Outcome outcome = entry.outcome().join();
        OpStep answered = new OpStep(
                outcome.at(), name.value(), "answered: " + outcome.reply().wireName());
        boolean failed = outcome.reply() instanceof Failure;
        Failure why = outcome.reply() instanceof Failure failure ? failure : new Failure(Reason.FAILED, "", "");
        return new OpView(
                entry.requestId(),
                key,
                failed ? OpStatus.FAILED : OpStatus.DONE,
                why.message(),
                why.hint(),
                List.of(taken, answered));
    }

    /** A read from our query queue; answered at once, on a thread of its own. */
    void inspect(Delivery delivery, ChannelLoop channel) {
        try {
            requireManager(delivery);
            Command<?> command =
                    Codec.command(delivery.envelope(), delivery.envelope().header(Headers.KEY));
            if (!(command instanceof Command.Inspection<?> inspection)) {
                throw new CommandFailed(Reason.INVALID, command.wireName() + " is not a read", "");
            }
            channel.ack(delivery);
            Thread.startVirtualThread(() -> answer(delivery.envelope(), inspected(inspection)));
        } catch (CommandFailed refused) {
            refuse(delivery, channel, refused.failure());
        }
    }

    private Reply inspected(Command.Inspection<?> inspection) {
        try {
            return handler.inspect(inspection);
        } catch (RuntimeException failed) {
            return failure(failed);
        }
    }

    private void take(Journal.Accepted request, Delivery delivery, ChannelLoop channel) {
        Journal.Entry entry = request.entry();
        entry.durable().whenComplete((_, failed) -> {
            if (failed != null) {
                notCreated(entry);
                channel.execute(() -> refuse(delivery, channel, journalTrouble(failed)));
                return;
            }
            channel.execute(() -> channel.ack(delivery));
            entry.outcome().thenAccept(outcome -> answer(delivery.envelope(), outcome.reply()));
            if (request.toDo()) {
                work(entry, false);
            }
        });
    }

    /** Only what may be slow gets a thread; the rest is done, or in an instance's queue, when this returns, so order is kept. */
    private void work(Journal.Entry entry, boolean again) {
        switch (entry.command()) {
            case Command.Addressed<?> _, Command.DrainController _, Command.UndrainController _ ->
                carryOut(entry, again);
            default -> Thread.startVirtualThread(() -> carryOut(entry, again));
        }
    }

    private void carryOut(Journal.Entry entry, boolean again) {
        CompletableFuture<Reply> outcome;
        try {
            requireInTime(entry);
            outcome = handler.handle(entry, again);
        } catch (RuntimeException failed) {
            outcome = CompletableFuture.failedFuture(failed);
        }
        outcome.whenComplete((reply, failed) -> {
            if (failed != null) {
                notCreated(entry);
            }
            journal.settle(entry, failed == null ? reply : failure(failed));
        });
    }

    private void notCreated(Journal.Entry entry) {
        if (entry.command() instanceof Command.Placed<?>) {
            handler.instances().notCreated(entry.number(), entry.requestId());
        }
    }

    /**
     * Of a creation, which happens wholly or not at all, and of what is for no instance; an instance looks at the clock when it
     * comes to a request.
     */
    private void requireInTime(Journal.Entry entry) {
        boolean late = clock.instant().isAfter(entry.deadline());
        boolean toDo = entry.command() instanceof Command.Hosted<?>
                || entry.number() >= 0 && !handler.instances().has(entry.number());
        if (late && toDo) {
            throw new CommandFailed(
                    Reason.TIMED_OUT,
                    "request " + entry.requestId() + " reached its deadline " + entry.deadline()
                            + " before it was carried out; nothing was made",
                    "ask again");
        }
    }

    /** Only the broker can set exchange and user, so nobody but a manager gets past this. */
    private static void requireManager(Delivery delivery) {
        if (!Topology.CONTROLLERS.equals(delivery.exchange())
                || !Topology.MANAGER_USER.equals(delivery.envelope().userId())) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "commands are taken from " + Topology.MANAGER_USER + " through " + Topology.CONTROLLERS + " only",
                    "publish to " + Topology.COMMANDS);
        }
    }

    /** A manager has looked whether the name in the header is free; one of before there were names sends no such header. */
    private static void requireName(Envelope envelope, Command<?> command) {
        @Nullable String free = envelope.header(Headers.NAME);
        if (command instanceof Command.Placed<?> placed && free != null && !free.equals(placed.name())) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "the header '" + Headers.NAME + "' is '" + Text.shorten(free) + "' but the body says '"
                            + placed.name() + "'",
                    "say the same in both");
        }
    }

    /** An id that stands for something else must not be answered with what that came to. */
    private static void requireSame(Journal.Entry known, Command<?> command) {
        if (!known.command().equals(command)) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "op " + known.requestId() + " is that of another command, a " + Topology.keyOf(known.command())
                            + " of " + known.accepted() + "; nothing was done",
                    "give each command an id of its own, or leave --op-id out");
        }
    }

    private static String requestId(Envelope envelope) {
        String requestId = envelope.messageId();
        if (requestId == null || requestId.isBlank() || requestId.length() > 100) {
            throw new CommandFailed(
                    Reason.INVALID, "the message_id must be a request id of 1 to 100 characters", "use a UUID");
        }
        return requestId;
    }

    /** Who can be told is told; what nobody waits for goes to the dead letters. */
    private void refuse(Delivery delivery, ChannelLoop channel, Failure failure) {
        LOG.warn("refused a message on {}: {}", Text.shorten(delivery.routingKey()), failure.message());
        if (delivery.envelope().answerable()) {
            answer(delivery.envelope(), failure);
            channel.ack(delivery);
        } else {
            channel.reject(delivery);
        }
    }

    private void answer(Envelope envelope, Message reply) {
        @Nullable String replyTo = envelope.replyTo();
        if (replyTo != null && envelope.answerable()) {
            String correlation = envelope.correlationId() == null ? envelope.messageId() : envelope.correlationId();
            answers.send(replyTo, String.valueOf(correlation), reply);
        }
    }

    private static Failure journalTrouble(Throwable failed) {
        return new Failure(
                Reason.FAILED,
                "the controller cannot write its journal, so nothing was done: " + failed.getMessage(),
                "look at the disk of its host: `df`");
    }

    private static Failure failure(Throwable failed) {
        Throwable cause =
                failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
        if (cause instanceof CommandFailed expected) {
            return expected.failure();
        }
        LOG.error("a command failed in a way nobody thought of", cause);
        return new Failure(Reason.FAILED, "the controller failed: " + cause, "its log has more");
    }
}
