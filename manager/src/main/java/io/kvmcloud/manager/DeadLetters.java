package io.kvmcloud.manager;

import io.kvmcloud.amqp.ChannelLoop;
import io.kvmcloud.amqp.ChannelLoop.Outcome;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.QueueBrowser;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DeadLetter;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.DeadLetterList;
import io.kvmcloud.messages.Reply.DeadLetterShown;
import io.kvmcloud.messages.Reply.DeadLettersSettled;
import io.kvmcloud.messages.Reply.DeadLettersSettled.Refused;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The queue of dead letters as operators see it. Not for a channel's own thread: looking through it takes a while. */
final class DeadLetters {

    private static final Duration CONFIRMED_BY = Duration.ofSeconds(10);

    /** What becomes of one letter: nothing, when it leaves the queue. */
    private interface Settlement {
        void settle(Delivery letter) throws IOException;
    }

    private final ChannelLoop loop;
    private final Clock clock;
    private final QueueBrowser queue;

    DeadLetters(Session session, ChannelLoop loop, Clock clock) {
        this.loop = loop;
        this.clock = clock;
        this.queue = new QueueBrowser(session, Topology.DEAD_LETTERS, Topology.DEAD_LETTERS_OPEN);
    }

    DeadLetterList list() throws IOException {
        List<DeadLetter> letters = new ArrayList<>();
        int total = look(delivery -> letters.add(Letter.of(delivery)));
        return new DeadLetterList(letters, total);
    }

    DeadLetterShown show(String id) throws IOException {
        List<DeadLetterShown> found = new ArrayList<>();
        look(delivery -> {
            if (found.isEmpty() && Letter.id(delivery).equals(id)) {
                found.add(Letter.shown(delivery));
            }
        });
        if (found.isEmpty()) {
            throw new CommandFailed(unknown(id));
        }
        return found.getFirst();
    }

    DeadLettersSettled drop(List<String> ids) throws IOException {
        return settle(ids, _ -> {});
    }

    /**
     * Through the queue of commands in doubt, which is how a possible repeat comes to the active manager: it is located before
     * it is placed.
     */
    DeadLettersSettled requeue(List<String> ids) throws IOException {
        return settle(
                ids, letter -> published(loop, "", Topology.MANAGER_INDOUBT, Letter.again(letter, clock.instant())));
    }

    /**
     * Publishes from a thread that is not the channel's, and waits.
     *
     * @throws IOException when the broker does not say that it has it
     */
    static void published(ChannelLoop loop, String exchange, String key, Envelope envelope) throws IOException {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        loop.execute(() -> loop.publish(exchange, key, envelope, outcome::complete));
        try {
            Outcome told = outcome.get(CONFIRMED_BY.toMillis(), TimeUnit.MILLISECONDS);
            if (told != Outcome.CONFIRMED) {
                throw new IOException("the " + envelope.type() + " was not taken: " + told);
            }
        } catch (TimeoutException | ExecutionException silent) {
            throw new IOException("the " + envelope.type() + " was not confirmed", silent);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private DeadLettersSettled settle(List<String> ids, Settlement settlement) throws IOException {
        List<String> open = new ArrayList<>(ids);
        List<String> done = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        browse(letter -> {
            String id = Letter.id(letter);
            if (!open.remove(id)) {
                return false;
            }
            try {
                settlement.settle(letter);
                done.add(id);
                return true;
            } catch (CommandFailed unusable) {
                refused.add(refused(id, unusable.failure()));
                return false;
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        });
        open.forEach(id -> refused.add(refused(id, unknown(id))));
        return new DeadLettersSettled(done, refused);
    }

    private int look(Consumer<Delivery> reader) throws IOException {
        return browse(delivery -> {
            reader.accept(delivery);
            return false;
        });
    }

    private int browse(Predicate<Delivery> removed) throws IOException {
        try {
            return queue.browse(DeadLetter.MOST, removed);
        } catch (UncheckedIOException broken) {
            throw broken.getCause();
        }
    }

    private static Refused refused(String id, Failure failure) {
        return new Refused(Text.shorten(id), failure.reason(), failure.message(), failure.hint());
    }

    private static Failure unknown(String id) {
        return new Failure(
                Reason.NOT_FOUND, "there is no dead letter " + Text.shorten(id), "`kvm-cloud dead-letters` lists them");
    }
}
