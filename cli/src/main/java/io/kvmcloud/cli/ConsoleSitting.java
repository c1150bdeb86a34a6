package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.InstanceLog;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Somebody, or a script, at an instance's serial console. */
final class ConsoleSitting {

    private static final int SECONDS = 5;

    /** When a script has typed all, a guest that is silent for as long has said all. */
    private static final int SILENT_SECONDS = 2;

    /** Enough for a broker that is started again and for managers and controllers to find it; nobody looks longer at a still screen. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What is not answered by then was lost: it is asked for {@link #SECONDS} at most. */
    private static final Duration ANSWER = Duration.ofSeconds(8);

    private static final Duration PAUSE = Duration.ofMillis(300);

    private final Cloud cloud;
    private final Output output;
    private final InstanceId id;

    ConsoleSitting(Cloud cloud, Output output, InstanceId id) {
        this.cloud = cloud;
        this.output = output;
        this.id = id;
    }

    /** @throws CommandFailed unless more may come */
    void requireRunning(InstanceLog part) {
        if (!part.running()) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "instance " + id + " does not run",
                    "`kvm-cloud info " + id + "` tells why, `kvm-cloud run " + id + "` starts it");
        }
    }

    /** Shows what comes, and types nothing, until the instance ends. */
    void look(InstanceLog before) {
        follower(SECONDS, false, this::ended).follow(before);
    }

    /** Types all there is, and shows what comes until the guest has been silent then. */
    void script(InstanceLog before, InputStream text) {
        Thread reader = Thread.currentThread();
        var failure = new AtomicReference<@Nullable CommandFailed>();
        var typed = new AtomicBoolean();
        try (var typist = new Typist(cloud, id, failed -> {
            failure.compareAndSet(null, failed);
            reader.interrupt();
        })) {
            Thread feeder = daemon(() -> {
                try {
                    feed(text, typist);
                    typed.set(true);
                } catch (CommandFailed failed) {
                    failure.compareAndSet(null, failed);
                    reader.interrupt();
                }
            });
            var silence = new Silence(typed);
            follower(SILENT_SECONDS, false, part -> failure.get() != null || ended(part) || silence.test(part))
                    .follow(before);
            feeder.interrupt();
        }
        CommandFailed failed = failure.get();
        if (failed != null) {
            Thread.interrupted();
            throw failed;
        }
    }

    /** For a person at the terminal, until that leaves or the instance ends. */
    void person(InstanceLog before, InputStream keys) {
        Thread reader = Thread.currentThread();
        var left = new AtomicBoolean();
        try (var typist = new Typist(cloud, id, failed -> output.note(message(failed)));
                var _ = new RawTerminal(() -> {})) {
            output.onRawTerminal(true);
            boolean mayType = mayType(typist);
            var escapes = new TildeEscapes();
            Thread keyboard = Keyboard.listen(keys, pressed -> {
                boolean more = typed(escapes.next(pressed), mayType ? typist : null);
                if (!more) {
                    left.set(true);
                    reader.interrupt();
                }
                return more;
            });
            try {
                follower(SECONDS, true, part -> left.get() || ended(part)).follow(before);
            } finally {
                keyboard.interrupt();
                output.raw("\r\n");
            }
        } finally {
            output.onRawTerminal(false);
        }
        if (left.get()) {
            Thread.interrupted();
            output.note("left the console of " + id);
        }
    }

    private LogFollower follower(int seconds, boolean raw, Predicate<InstanceLog> enough) {
        return new LogFollower(output, seconds, this::ask, raw, enough);
    }

    private boolean ended(InstanceLog part) {
        requireRunning(part);
        return false;
    }

    /** An answer may be lost with a broker that dies: to ask again does no harm, since it is for what comes behind a byte. */
    private InstanceLog ask(ReadLog command) {
        long latest = System.nanoTime() + PATIENCE.toNanos();
        boolean lost = false;
        while (true) {
            try {
                return cloud.askWithin(ANSWER, command);
            } catch (CommandFailed failed) {
                Reason why = failed.failure().reason();
                if (why == Reason.TIMED_OUT) {
                    lost = true;
                } else if (why != Reason.UNREACHABLE || !lost) {
                    throw failed;
                }
                if (System.nanoTime() > latest || Thread.currentThread().isInterrupted()) {
                    throw new CommandFailed(
                            Reason.UNREACHABLE,
                            "the console of " + id + " is out of reach: "
                                    + failed.failure().message(),
                            "`kvm-cloud doctor` looks at the way there");
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private boolean mayType(Typist typist) {
        try {
            typist.open();
            return true;
        } catch (CommandFailed failed) {
            output.note("you can look and not type: " + message(failed));
            return false;
        }
    }

    /** Whether it goes on. */
    private boolean typed(TildeEscapes.Meant meant, @Nullable Typist typist) {
        if (typist != null) {
            typist.type(meant.text());
        }
        if (meant.help()) {
            output.note(TildeEscapes.HELP);
        }
        return !meant.leave();
    }

    private static void feed(InputStream script, Typist typist) {
        try {
            Reader decoded = new InputStreamReader(script, StandardCharsets.UTF_8);
            char[] some = new char[TypeInput.MOST];
            boolean open = false;
            for (int count = decoded.read(some); count >= 0; count = decoded.read(some)) {
                if (!open) {
                    typist.open();
                    open = true;
                }
                typist.type(new String(some, 0, count));
                typist.await(TypeInput.MOST);
            }
            typist.await(0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static String message(CommandFailed failed) {
        return failed.failure().message();
    }

    private static Thread daemon(Runnable work) {
        return Thread.ofPlatform().daemon().start(work);
    }

    /** Nothing has come since all was typed. */
    private static final class Silence implements Predicate<InstanceLog> {
        private final AtomicBoolean typed;
        private boolean before;

        Silence(AtomicBoolean typed) {
            this.typed = typed;
        }

        @Override
        public boolean test(InstanceLog part) {
            boolean silent = before && part.text().isEmpty();
            before = typed.get();
            return silent;
        }
    }
}
