package io.kvmcloud.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;

/** Keys of a {@link RawTerminal} as they are pressed. */
final class Keyboard {

    private static final Duration NEXT_KEY = Duration.ofMillis(4);

    /** As many as one message takes. */
    private static final int MOST = 4096;

    private Keyboard() {}

    /**
     * Listens on a thread of its own until that is interrupted, or no more is wanted.
     *
     * @param wanted is given keys that came together and says whether it wants the next
     */
    static Thread listen(InputStream keys, Predicate<String> wanted) {
        return Thread.ofPlatform().daemon().name("keyboard").start(() -> {
            Reader decoded = new InputStreamReader(keys, StandardCharsets.UTF_8);
            char[] some = new char[MOST];
            try {
                String pressed;
                do {
                    // A thread that waits in read(2) would take the next key from whoever comes after us.
                    while (!decoded.ready()) {
                        Thread.sleep(NEXT_KEY);
                    }
                    pressed = new String(some, 0, decoded.read(some));
                } while (wanted.test(pressed));
            } catch (IOException | InterruptedException _) {
                // The terminal is gone, and SIGHUP ends us; or somebody else has ended it.
            }
        });
    }
}
