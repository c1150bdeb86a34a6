package io.kvmcloud.controller.journal;

import io.kvmcloud.messages.Command.NewInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * How long outcomes are remembered: until they are of this age, and the youngest of them only as far as this much memory goes.
 * A request before its deadline is never forgotten, since a late copy of it would be carried out.
 *
 * @param age counted from when the request came
 * @param bytes of memory, about
 */
record Retention(Duration age, long bytes) {

    /** A quarter of the heap that a controller is started with; a hundred thousand commands without user-data. */
    static final long MOST_BYTES = 64 << 20;

    /** Of a request with its outcome, as a heap has it. */
    private static final int TYPICAL = 600;

    /**
     * Forgets.
     *
     * @param entries in the order they were accepted
     * @param needed what is to stay, whatever its age
     * @return how many are forgotten
     */
    int forget(SequencedMap<String, Journal.Entry> entries, Instant now, Predicate<Journal.Entry> needed) {
        int before = entries.size();
        Instant oldest = now.minus(age);
        long left = bytes;
        Iterator<Journal.Entry> youngestFirst =
                entries.reversed().sequencedValues().iterator();
        while (youngestFirst.hasNext()) {
            Journal.Entry entry = youngestFirst.next();
            left -= weight(entry);
            boolean over = entry.accepted().isBefore(oldest)
                    || left < 0 && entry.deadline().isBefore(now);
            if (over && entry.outcome().isDone() && !needed.test(entry)) {
                youngestFirst.remove();
            }
        }
        return before - entries.size();
    }

    private static long weight(Journal.Entry entry) {
        return entry.command() instanceof NewInstance made
                ? TYPICAL + made.userData().text().length()
                : TYPICAL;
    }
}
