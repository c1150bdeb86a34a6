package io.kvmcloud.cli;

import io.kvmcloud.messages.ImportProgress;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** How much of something has come, how fast, and how long the rest takes: a text for {@link Progress}. */
final class TransferBar implements Supplier<String> {

    private static final int WIDTH = 20;

    private final String what;
    private final Supplier<ImportProgress> progress;
    private final LongSupplier nanoTime;

    /** What was there at the first look took no time. */
    private long first = -1;

    private long begun;

    /**
     * @param what is said until it is known how much there is
     * @param progress looked at each time
     * @param nanoTime the clock
     */
    TransferBar(String what, Supplier<ImportProgress> progress, LongSupplier nanoTime) {
        this.what = what;
        this.progress = progress;
        this.nanoTime = nanoTime;
    }

    /** The bar itself. */
    static String drawn(long done, long total) {
        int filled = (int) (done * WIDTH / total);
        return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] ";
    }

    @Override
    public String get() {
        ImportProgress now = progress.get();
        if (first < 0 && now.bytes() + now.total() > 0) {
            first = now.bytes();
            begun = nanoTime.getAsLong();
        }
        if (now.total() == 0) {
            return now.bytes() == 0 ? what : what + ": " + String.format(Locale.ROOT, "%d MiB", now.bytes() >> 20);
        }
        long total = now.total();
        long done = Math.min(total, now.bytes());
        double seconds = (nanoTime.getAsLong() - begun) / 1e9;
        double rate = seconds <= 0 ? 0 : (done - first) / seconds;
        String left =
                rate <= 0 || done == total ? "" : String.format(Locale.ROOT, ", %.0f s left", (total - done) / rate);
        return drawn(done, total)
                + String.format(Locale.ROOT, "%d %%, %.1f MiB/s", done * 100 / total, rate / (1 << 20))
                + left;
    }
}
