package io.kvmcloud.cli;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A line on the terminal that tells what is waited for and how long already; gone when it is closed. Another one meanwhile shows
 * nothing.
 */
final class Progress implements AutoCloseable {

    private static final Duration TICK = Duration.ofSeconds(1);

    private final boolean shown;
    private final Thread thread;

    /** @param shown false where nobody reads it: then nothing is ever written */
    Progress(Output output, boolean shown, String what) {
        this(output, shown, () -> what);
    }

    /** @param what asked for each time */
    Progress(Output output, boolean shown, Supplier<String> what) {
        this(output, shown, Duration.ZERO, what);
    }

    /**
     * @param quiet how long nothing is shown at first
     * @param what asked for each time
     */
    Progress(Output output, boolean shown, Duration quiet, Supplier<String> what) {
        this.shown = shown && output.takeStatus();
        long begun = System.nanoTime();
        this.thread = Thread.ofVirtual().unstarted(() -> {
            try {
                Thread.sleep(quiet);
                while (true) {
                    output.status(Duration.ofNanos(System.nanoTime() - begun).toSeconds() + " s  " + what.get());
                    Thread.sleep(TICK);
                }
            } catch (InterruptedException _) {
                output.giveStatusBack();
            }
        });
        if (this.shown) {
            thread.start();
        }
    }

    @Override
    public void close() {
        if (!shown) {
            return;
        }
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
