package io.kvmcloud.controller.journal;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests by their id, each with its outcome once it has one.
 *
 * <pre>
 *   delivery ──▶ accept ──▶ on disk ──▶ ack ──▶ work ──▶ settle ──▶ on disk ──▶ answer
 *                  │
 *                  ├─ changes nothing: both lines ──▶ on disk ──▶ ack, answer
 *                  └─ known already: the same entry again, answered as the first time
 * </pre>
 *
 * <p>A line a step, in JSON. What was accepted and not settled when the process died is done again at the next start. Old
 * outcomes are forgotten, and the file is rewritten when half of it is about forgotten ones; instance numbers never are.
 *
 * <p>It also stands for new instances until it is told that they are {@link #synced}: whoever makes them need not wait for the
 * disk, and makes those that were {@link #lost} again.
 */
public final class Journal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /**
     * A request.
     *
     * @param requestId as the client made it
     * @param number the instance number reserved for it, or -1
     * @param boot the machine's start in which it came; empty when its instance is on the disk, or there is none
     * @param deadline it does not begin after this
     * @param accepted when it was first seen
     * @param durable completes when the request is on the disk
     * @param outcome completes with its answer, and when that was written down
     */
    public record Entry(
            String requestId,
            Command<?> command,
            long number,
            String boot,
            Instant deadline,
            Instant accepted,
            CompletableFuture<Void> durable,
            CompletableFuture<Outcome> outcome) {}

    /** How it ended, and when. */
    public record Outcome(Reply reply, Instant at) {}

    private final Retention retention;
    private final Clock clock;
    private final String boot;
    private final SequencedMap<String, Entry> entries;
    private final Unsynced unsynced;
    private final Map<String, Entry> notWrittenDown = new ConcurrentHashMap<>();
    private final JournalFile file;
    private final UnderWay underWay = new UnderWay();
    private long nextNumber;
    private int forgotten;

    private Journal(Retention retention, Clock clock, String boot, JournalReader read, JournalFile file) {
        this.retention = retention;
        this.clock = clock;
        this.boot = boot;
        this.entries = read.entries();
        this.unsynced = read.unsynced();
        this.file = file;
        this.nextNumber = read.nextNumber();
        unsettled().forEach(entry -> underWay.begins(entry.command()));
    }

    /**
     * Reads the journal, and is ready for more. Lines that cannot be read are put aside.
     *
     * @param firstNumber of instances on this controller; used while the journal knows no higher one
     * @param retention how long outcomes are remembered, counted from when the request came, as far as memory goes
     * @param boot names this start of the machine
     * @throws IOException when it cannot be read or written
     */
    public static Journal open(Path path, long firstNumber, Duration retention, Clock clock, String boot)
            throws IOException {
        return open(path, firstNumber, new Retention(retention, Retention.MOST_BYTES), clock, boot);
    }

    /** The same with another limit to the memory. */
    static Journal open(Path path, long firstNumber, Retention retention, Clock clock, String boot) throws IOException {
        JournalReader read = JournalReader.read(path, firstNumber, retention, clock.instant());
        Journal journal = new Journal(retention, clock, boot, read, new JournalFile(path, read.end()));
        journal.forgetOld();
        journal.file.rewrite(journal::lines);
        return journal;
    }

    /** Knows of some requests what they come to before anything is done. */
    public interface Foresight {
        /** The answer, if it changes nothing as things are now; empty otherwise. Called under the journal's lock. */
        Optional<Reply> unchanged(Entry entry);
    }

    /**
     * Takes a request, or finds it when it is known. The work may begin, and the delivery be acknowledged, when its
     * {@link Entry#durable} is done.
     *
     * <p>What changes nothing is answered with the state it is found in, and both are written down in one: should we die
     * before that, then nothing has happened, and nobody was told. That is asked only when nothing else is under way for its
     * instance, so requests keep their order.
     *
     * @param stillOurs whether the session the delivery came on still lives; asked under the journal's lock, since a delivery
     *     of a dead session must not begin after a new one was told that the request is not here
     * @return empty when the delivery is not ours any more
     */
    public synchronized Optional<Accepted> accept(
            String requestId, Command<?> command, Instant deadline, BooleanSupplier stillOurs, Foresight foresight) {
        if (!stillOurs.getAsBoolean()) {
            return Optional.empty();
        }
        Entry known = entries.get(requestId);
        if (known != null) {
            return Optional.of(new Accepted(known, false));
        }
        long number = command instanceof Command.Placed<?> ? nextNumber++ : -1;
        Entry entry = new Entry(
                requestId,
                command,
                number,
                number < 0 ? "" : boot,
                deadline,
                clock.instant(),
                new CompletableFuture<>(),
                new CompletableFuture<>());
        Outcome unchanged = (underWay.isIdle(command) ? foresight.unchanged(entry) : Optional.<Reply>empty())
                .map(reply -> new Outcome(reply, clock.instant()))
                .orElse(null);
        entries.put(requestId, entry);
        unsynced.accepted(entry);
        String lines = JournalLine.accepted(entry, unsynced.contains(entry));
        if (unchanged == null) {
            underWay.begins(command);
        } else {
            lines += "\n" + JournalLine.settled(requestId, unchanged);
        }
        file.append(lines, makesRoom(command)).whenComplete((_, failed) -> {
            if (failed != null) {
                forget(entry, unchanged == null);
                entry.durable().completeExceptionally(failed);
            } else {
                entry.durable().complete(null);
                if (unchanged != null) {
                    entry.outcome().complete(unchanged);
                }
            }
        });
        return Optional.of(new Accepted(entry, unchanged == null));
    }

    /**
     * A request that was taken.
     *
     * @param toDo false when it was known before, or changes nothing: its outcome comes without anyone doing anything
     */
    public record Accepted(Entry entry, boolean toDo) {}

    /**
     * Writes down the outcome, then completes it for whoever waits. Under the lock, as {@link #accept}: so no rewriting of the
     * file comes between a line and the news that it is there.
     */
    public synchronized void settle(Entry entry, Reply reply) {
        underWay.ends(entry.command());
        write(entry, new Outcome(reply, clock.instant()));
    }

    private synchronized void write(Entry entry, Outcome outcome) {
        file.append(JournalLine.settled(entry.requestId(), outcome), true).whenComplete((_, failed) -> {
            if (failed != null) {
                // Still true, and work that is done again finds it done; only a repeat after a restart redoes it.
                LOG.error(
                        "request {}: the outcome cannot be written down now: {}", entry.requestId(), failed.toString());
                notWrittenDown.put(entry.requestId(), entry);
            } else {
                forgetUnsynced(entry, outcome);
            }
            entry.outcome().complete(outcome);
        });
    }

    private synchronized void forgetUnsynced(Entry entry, Outcome outcome) {
        unsynced.settled(entry, outcome.reply());
    }

    /** Those whose instance may not be on the disk, in the order they came. */
    public synchronized List<Entry> unsynced() {
        return unsynced.all();
    }

    /** Those of them that came before the machine was started last: what they made may be gone, or be there in part. */
    public synchronized List<Entry> lost() {
        return unsynced.all().stream()
                .filter(entry -> !entry.boot().equals(boot))
                .toList();
    }

    /**
     * The instances with these numbers are on the disk, and it is written down when this returns.
     *
     * @throws IOException when it cannot be; they count as not synced then
     */
    public void synced(Collection<Long> numbers) throws IOException {
        try {
            writeSynced(numbers).join();
        } catch (CompletionException failed) {
            throw new IOException("the journal cannot be written: " + failed.getCause(), failed);
        }
    }

    /** Under the lock for the reason that {@link #settle} has. */
    private synchronized CompletableFuture<Void> writeSynced(Collection<Long> numbers) {
        return file.append(JournalLine.synced(nextNumber, numbers), true).thenRun(() -> {
            synchronized (this) {
                unsynced.synced(numbers);
            }
        });
    }

    /** Forgets old outcomes and brings the file up to date, without waiting for it; to be called now and then. */
    public void tidy() {
        notWrittenDown.values().forEach(entry -> {
            if (notWrittenDown.remove(entry.requestId(), entry)) {
                entry.outcome().thenAccept(outcome -> write(entry, outcome));
            }
        });
        if (forgetOld()) {
            file.rewrite(this::lines);
        }
    }

    /** The request, settled or not; empty when this controller does not have it. */
    public synchronized Optional<Entry> find(String requestId) {
        return Optional.ofNullable(entries.get(requestId));
    }

    /** Whether this instance number was ever given out here. */
    public synchronized boolean gaveOut(long number) {
        return number < nextNumber;
    }

    /** What was accepted in an earlier life and has no outcome, in the order it came. */
    public synchronized List<Entry> unsettled() {
        return entries.values().stream()
                .filter(entry -> !entry.outcome().isDone())
                .toList();
    }

    /** Numbers up to this one are taken, whatever the journal says: their instances exist. */
    public synchronized void skipNumbersTo(long highest) {
        nextNumber = Math.max(nextNumber, highest + 1);
    }

    @Override
    public void close() {
        file.close();
    }

    private synchronized void forget(Entry entry, boolean begun) {
        entries.remove(entry.requestId());
        unsynced.synced(List.of(entry.number()));
        if (begun) {
            underWay.ends(entry.command());
        }
    }

    /** On a full disk these are taken all the same: how else would there be room again? */
    private static boolean makesRoom(Command<?> command) {
        return command instanceof Command.DeleteInstance
                || command instanceof Command.KillInstance
                || command instanceof Command.StopInstance;
    }

    /** Returns whether half of the file, or more, is about what is forgotten now. */
    private synchronized boolean forgetOld() {
        forgotten += retention.forget(entries, clock.instant(), unsynced::contains);
        boolean worthIt = forgotten > 0 && forgotten >= entries.size();
        if (worthIt) {
            forgotten = 0;
        }
        return worthIt;
    }

    /**
     * What the file has to say, a line at a time. A request that is not durable yet is left out: its own line comes after these,
     * or it is refused. So the lock is held for a copy only, not while thousands of lines are written.
     */
    private Stream<String> lines() {
        List<Entry> all;
        String next;
        Set<Long> notOnDisk;
        synchronized (this) {
            next = JournalLine.next(nextNumber);
            all = List.copyOf(entries.values());
            notOnDisk = unsynced.numbers();
        }
        return Stream.concat(
                Stream.of(next),
                all.stream()
                        .filter(entry ->
                                entry.durable().isDone() && !entry.durable().isCompletedExceptionally())
                        .flatMap(entry -> Stream.concat(
                                Stream.of(JournalLine.accepted(entry, notOnDisk.contains(entry.number()))),
                                Stream.ofNullable(entry.outcome().getNow(null))
                                        .map(outcome -> JournalLine.settled(entry.requestId(), outcome)))));
    }
}
