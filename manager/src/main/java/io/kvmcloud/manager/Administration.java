package io.kvmcloud.manager;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.QueueLook;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators have a manager do about the cloud itself. Each task takes its time, so each has a thread of its own. */
final class Administration {

    private static final Logger LOG = LoggerFactory.getLogger(Administration.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /** By then the broker has sent back whatever waited for the controller, unless more came after it. */
    private static final Duration QUEUE_EMPTIES = Topology.PICK_UP.plusSeconds(2);

    private final Session session;
    private final ChannelLoop loop;
    private final Controllers controllers;
    private final DeadLetters letters;

    Administration(Session session, ChannelLoop loop, Controllers controllers, DeadLetters letters) {
        this.session = session;
        this.loop = loop;
        this.controllers = controllers;
        this.letters = letters;
    }

    /** Whether an operator has sent it for a manager to do. */
    static boolean isFor(Delivery delivery) {
        return Topology.COMMANDS.equals(delivery.exchange())
                && delivery.routingKey().startsWith("admin.");
    }

    /**
     * What is to be done.
     *
     * @throws CommandFailed when it cannot be read, or its key claims something else: the broker's permissions hang on the key
     */
    static Command.Administration<?> task(Delivery delivery) {
        return (Command.Administration<?>) Codec.command(delivery.envelope(), delivery.routingKey());
    }

    /** Its answer, good or bad; not for a channel's own thread. */
    Reply carryOut(Command.Administration<?> task) {
        try {
            return switch (task) {
                case Command.ForgetController(var name) -> forget(name);
                case Command.ListDeadLetters _ -> letters.list();
                case Command.ShowDeadLetter(var id) -> letters.show(id);
                case Command.RequeueDeadLetters(var ids) -> letters.requeue(ids);
                case Command.DropDeadLetters(var ids) -> letters.drop(ids);
            };
        } catch (CommandFailed refused) {
            return refused.failure();
        } catch (IOException broken) {
            return new Reply.Failure(
                    Reason.UNREACHABLE, "RabbitMQ does not do it: " + broken.getMessage(), "ask again in a moment");
        } catch (RuntimeException defect) {
            LOG.error("{} failed in a way nobody thought of", task.wireName(), defect);
            return new Reply.Failure(Reason.FAILED, "the manager failed: " + defect, "its log has more");
        }
    }

    /**
     * The queue names its owner at every roll call, so it has to go; but what waits in it first goes back to where it came
     * from. All managers are told twice: first so that nobody asks it any more and its queue can run empty, then for one that
     * has started in between.
     */
    private Reply forget(ControllerName name) throws IOException {
        Optional<Host> host = controllers.host(name);
        if (!controllers.serves(name)
                || host.isEmpty() && session.look(Topology.commandsOf(name)).isEmpty()) {
            throw new CommandFailed(Refusals.unknown(name, Refusals.names(controllers)));
        }
        if (host.filter(Host::reachable).isPresent()) {
            throw connected(name);
        }
        refuseIfConsumed(name);
        int instances = controllers.instancesOf(name).size();
        tellEverybody(name);
        awaitEmpty(name);
        int lost = session.delete(Topology.commandsOf(name));
        tellEverybody(name);
        LOG.info("controller {} is forgotten with {} instances and {} waiting commands", name, instances, lost);
        return new Reply.ControllerForgotten(name, instances, lost);
    }

    private void awaitEmpty(ControllerName name) throws IOException {
        long until = System.nanoTime() + QUEUE_EMPTIES.toNanos();
        while (refuseIfConsumed(name) > 0 && System.nanoTime() < until) {
            try {
                Thread.sleep(LOOK_AGAIN);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", interrupted);
            }
        }
    }

    /** The queue has a consumer exactly while its controller is connected, also when that is silent. */
    private int refuseIfConsumed(ControllerName name) throws IOException {
        QueueLook look = session.look(Topology.commandsOf(name)).orElse(new QueueLook(0, 0));
        if (look.consumers() > 0) {
            throw connected(name);
        }
        return look.messages();
    }

    private void tellEverybody(ControllerName name) throws IOException {
        Event gone = new Event.ControllerForgotten(name);
        DeadLetters.published(
                loop, Topology.EVENTS, Topology.keyOf(gone), Answers.message(gone, null, null, null, false));
        controllers.forget(name);
    }

    private CommandFailed connected(ControllerName name) {
        String seen = controllers.host(name).map(Host::lastSeen).orElse("not heard of yet");
        return new CommandFailed(
                Reason.REFUSED,
                "controller " + name + " is connected (" + seen + ")",
                "stop it first; of one that has just died this is known after " + Controllers.SILENCE.toSeconds()
                        + " s");
    }
}
