package io.kvmcloud.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the reader of stdout has gone ({@code | head -1}) also while nothing is written: Java is told of SIGPIPE at a
 * write only, and a quiet guest may not write for days. So poll(2) is asked.
 */
final class ReaderWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ReaderWatch.class);

    private static final int STDOUT = 1;
    private static final short POLLERR = 8;
    /** Between two looks whether it is watched for still. */
    private static final int MILLIS = 500;

    private final Thread follower = Thread.currentThread();
    private volatile boolean over;
    private volatile boolean gone;

    private ReaderWatch() {}

    /**
     * Does what goes on until somebody interrupts its thread, which happens when nobody reads any more.
     *
     * @throws Output.Closed then
     */
    static void whileRead(Runnable following) {
        var watch = new ReaderWatch();
        Thread.ofPlatform().daemon().name("reader watch").start(watch::look);
        try {
            following.run();
        } finally {
            watch.over = true;
        }
        if (watch.gone) {
            Thread.interrupted();
            throw new Output.Closed();
        }
    }

    /** What poll(2) wants is a {@code struct pollfd}: an int and two shorts, what is asked for and what is so. */
    @SuppressWarnings("restricted") // the launcher allows it, and without it we notice at the next write
    private void look() {
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            MethodHandle poll = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("poll"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
            MemorySegment stdout = arena.allocate(8, 4);
            stdout.set(ValueLayout.JAVA_INT, 0, STDOUT);
            while (!over) {
                int told = (int) poll.invokeExact(stdout, 1L, MILLIS);
                if (told > 0 && (stdout.get(ValueLayout.JAVA_SHORT, 6) & POLLERR) != 0) {
                    gone = true;
                    follower.interrupt();
                    return;
                }
            }
        } catch (Throwable notHere) {
            LOG.debug("whether stdout is read cannot be told: {}", notHere.toString());
        }
    }
}
