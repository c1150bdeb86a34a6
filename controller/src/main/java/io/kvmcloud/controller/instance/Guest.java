package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A running guest. It does not depend on this process: when we die it runs on and is adopted later. */
public interface Guest {

    /** The process id of what runs it. */
    long pid();

    /** When it was started. */
    Instant started();

    /** The host's port that leads to the guest's port 22. */
    int sshPort();

    /** How it came up. */
    BootReport boot();

    /** Completes within a second of the guest's end, with what is known of how it ended, for people. */
    CompletableFuture<String> ended();

    /** Asks the guest to power down; may be lost when it does not listen yet, so ask again. Never blocks for long. */
    void powerdown();

    /**
     * Freezes it; harmless when it is frozen already.
     *
     * @throws CommandFailed when QEMU does not do it within 2 s
     */
    void pause();

    /**
     * Lets it go on; harmless when it does.
     *
     * @throws CommandFailed when QEMU does not do it within 2 s
     */
    void resume();

    /** Whether it was frozen by somebody, when QEMU was last heard. */
    boolean paused();

    /**
     * Makes a port of the host lead to it from now on.
     *
     * @throws CommandFailed when it does not, and then it never will
     */
    void forward(Forward forward);

    /**
     * Ends that; harmless when it is not so.
     *
     * @throws CommandFailed when it cannot be told whether it has ended
     */
    void unforward(Forward forward);

    /** Sees to it that these are there: one may have been written down by a controller that died before it was. Never blocks. */
    void assure(List<Forward> forwards);

    /** For how long it has not answered, zero when it answered the last time; asks it again. Never blocks. */
    Duration silence();

    /** Sees to it that what it has written to its serial console does not fill the disk. To be called every few seconds. */
    void trimLog();

    /**
     * Types into its serial console, behind what was typed before; completes when its QEMU has it, which is when the guest has
     * read enough of what came before. Never blocks.
     *
     * @return exceptionally {@link CommandFailed} when it was not typed
     */
    CompletableFuture<Void> type(String text);

    /** Ends it without asking and waits until it is gone (at most 5 s); harmless when it is gone already. */
    void kill();

    /** Forgets it without ending it: this process is leaving. */
    void release();
}
