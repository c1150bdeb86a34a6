package io.kvmcloud.cli;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** How many of several are done, how fast, and how long the others take: a text for {@link Progress}. */
final class Tally implements Supplier<String> {

    private final int all;
    private final LongSupplier nanoTime;
    private final long begun;
    private final AtomicInteger done = new AtomicInteger();

    /** @param nanoTime the clock */
    Tally(int all, LongSupplier nanoTime) {
        this.all = all;
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
    }

    /** Does one of them; a refusal is an end, too. */
    <A> A counting(Supplier<A> work) {
        try {
            return work.get();
        } finally {
            done.incrementAndGet();
        }
    }

    @Override
    public String get() {
        int now = done.get();
        String text = TransferBar.drawn(now, all) + now + " of " + all;
        double rate = now / Math.max(1e-9, (nanoTime.getAsLong() - begun) / 1e9);
        return now == 0 || now == all
                ? text
                : text + String.format(Locale.ROOT, ", %.1f/s, %.0f s left", rate, (all - now) / rate);
    }
}
