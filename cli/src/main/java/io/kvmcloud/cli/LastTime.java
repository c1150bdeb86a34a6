package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import java.io.IOException;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How far something is of which nobody knows, measured by how long it took the last time here: a text for {@link Progress}.
 * The first time it is only said what is waited for.
 */
final class LastTime implements Supplier<String> {

    private final Home times;
    private final String name;
    private final String what;
    private final LongSupplier nanoTime;
    private final long begun;
    private final long expected;

    /**
     * @param times where it is kept
     * @param name of the thing, good as a file's name
     * @param what is said when nothing is known
     * @param nanoTime the clock
     */
    LastTime(Home times, String name, String what, LongSupplier nanoTime) {
        this.times = times;
        this.name = name;
        this.what = what;
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
        this.expected = read();
    }

    @Override
    public String get() {
        long millis = (nanoTime.getAsLong() - begun) / 1_000_000;
        if (expected == 0) {
            return what;
        }
        return millis < expected
                ? TransferBar.drawn(millis, expected)
                        + String.format(
                                Locale.ROOT,
                                "%d %%, %d s left",
                                millis * 100 / expected,
                                (expected - millis + 999) / 1000)
                : TransferBar.drawn(1, 1) + "longer than the last time, which was " + expected / 1000 + " s";
    }

    /** It has taken so long. That it cannot be kept is no failure. */
    void was(long millis) {
        try {
            var _ = times.locked(() -> {
                times.write(name, Long.toString(millis), "rw-------");
                return millis;
            });
        } catch (CommandFailed unimportant) {
            // The next time nothing is known.
        }
    }

    private long read() {
        try {
            return Math.max(0, Long.parseLong(times.read(name)));
        } catch (IOException | NumberFormatException unknown) {
            return 0;
        }
    }
}
