package io.kvmcloud.cli;

import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** How much of something has been sent, how fast, and how long the rest takes: a text for {@link Progress}. */
final class TransferBar implements Supplier<String> {

    private static final int WIDTH = 20;

    private final long total;
    private final LongSupplier sent;
    private final LongSupplier nanoTime;
    private final long begun;

    /** @param nanoTime the clock */
    TransferBar(long total, LongSupplier sent, LongSupplier nanoTime) {
        this.total = total;
        this.sent = sent;
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
    }

    @Override
    public String get() {
        long done = Math.min(total, sent.getAsLong());
        double seconds = (nanoTime.getAsLong() - begun) / 1e9;
        double rate = seconds <= 0 ? 0 : done / seconds;
        int filled = total == 0 ? WIDTH : (int) (done * WIDTH / total);
        String left =
                rate <= 0 || done == total ? "" : String.format(Locale.ROOT, ", %.0f s left", (total - done) / rate);
        return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] "
                + String.format(Locale.ROOT, "%d %%", total == 0 ? 100 : done * 100 / total)
                + String.format(Locale.ROOT, ", %.1f MiB/s", rate / (1 << 20)) + left;
    }
}
