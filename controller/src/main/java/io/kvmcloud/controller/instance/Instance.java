package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.instance.Hypervisor.PortTaken;
import io.kvmcloud.controller.instance.InstanceState.Failed;
import io.kvmcloud.controller.instance.InstanceState.Offline;
import io.kvmcloud.controller.instance.InstanceState.Online;
import io.kvmcloud.controller.instance.InstanceState.Starting;
import io.kvmcloud.controller.instance.InstanceState.Stopping;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An instance and the one thread that owns it. Requests and the end of its guest go into one queue, so there is one thing at
 * a time to think about; {@link Decision} says what is to be done, here it is done.
 */
final class Instance {

    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

    private sealed interface Happening {
        record Asked(Command.Addressed<?> request, CompletableFuture<Reply> answer) implements Happening {}

        record GuestEnded(Guest guest, String how) implements Happening {}

        record Leave() implements Happening {}
    }

    private final Surroundings around;
    private final LinkedBlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile InstanceRecord record;
    private volatile InstanceState state;
    private boolean removed;
    private volatile boolean finished;

    /** Starts the thread; {@code adopted} is the guest that already runs, or null. */
    Instance(Surroundings around, InstanceRecord record, @Nullable Guest adopted) {
        this.around = around;
        this.record = record;
        this.state = adopted == null ? new Offline("") : watched(adopted);
        this.thread = Thread.ofVirtual().name("instance " + record.id()).start(this::drive);
    }

    InstanceRecord record() {
        return record;
    }

    InstanceState state() {
        return state;
    }

    /** Asks for something; the answer comes when it is done, exceptionally when it failed or is refused. */
    CompletableFuture<Reply> ask(Command.Addressed<?> request) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        happenings.add(new Happening.Asked(request, answer));
        if (finished) {
            refuseLate();
        }
        return answer;
    }

    /** The controller is leaving: the thread ends, the guest runs on. */
    void leave() {
        happenings.add(new Happening.Leave());
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void drive() {
        boolean leaving = false;
        while (!leaving && !removed) {
            Happening next = next();
            switch (next) {
                case null -> askAgain();
                case Happening.Asked(var request, var answer) -> carryOut(request, answer);
                case Happening.GuestEnded(var guest, var how) -> ended(guest, how);
                case Happening.Leave _ -> leaving = true;
            }
        }
        if (state instanceof Online(var guest)) {
            guest.release();
        } else if (state instanceof Stopping stopping) {
            stopping.guest().release();
        }
        finished = true;
        refuseLate();
    }

    /** Whoever asked in the last moment is told, never left waiting. */
    private void refuseLate() {
        for (Happening late = happenings.poll(); late != null; late = happenings.poll()) {
            if (late instanceof Happening.Asked(var request, var answer)) {
                answer.completeExceptionally(around.noSuchInstance(request.id()));
            }
        }
    }

    /** The next happening; null when a stopping guest is to be asked again. */
    private @Nullable Happening next() {
        try {
            if (!(state instanceof Stopping stopping)) {
                return happenings.take();
            }
            Duration left = Duration.between(around.clock().instant(), stopping.deadline());
            return happenings.poll(Math.min(left.toMillis(), ASK_AGAIN.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            return new Happening.Leave();
        }
    }

    private void carryOut(Command.Addressed<?> request, CompletableFuture<Reply> answer) {
        try {
            switch (Decision.of(request, state)) {
                case Decision.Start _ -> {
                    start();
                    answer.complete(new Reply.InstanceStarted(around.view(this)));
                }
                case Decision.AskToStop(var guest, var seconds) -> {
                    guest.powerdown();
                    become(new Stopping(guest, around.clock().instant().plusSeconds(seconds), seconds, answer));
                }
                case Decision.End(var guest) -> {
                    guest.kill();
                    ended(guest, "it was killed");
                    answer.complete(new Reply.InstanceStopped(around.view(this)));
                }
                case Decision.Remove _ -> {
                    remove();
                    answer.complete(new Reply.InstanceDeleted(record.id()));
                }
                case Decision.Nothing _ -> answer.complete(new Reply.InstanceStopped(around.view(this)));
                case Decision.Refuse(var failure) -> answer.completeExceptionally(new CommandFailed(failure));
            }
        } catch (RuntimeException failed) {
            answer.completeExceptionally(failed);
        }
    }

    private void start() {
        become(new Starting());
        try {
            become(watched(startOnSomePort()));
        } catch (CommandFailed failed) {
            become(new Failed(failed.failure().message()));
            throw failed;
        } catch (RuntimeException defect) {
            become(new Failed(String.valueOf(defect.getMessage())));
            throw defect;
        }
    }

    /** The leased port, or, when a stranger has it meanwhile, the next free one. */
    private Guest startOnSomePort() {
        while (true) {
            try {
                return around.hypervisor().start(around.spec(record));
            } catch (PortTaken taken) {
                int other = around.ports().lease();
                LOG.info("{}: {}, using {} instead", record.id(), taken.getMessage(), other);
                around.ports().release(record.sshPort());
                record = record.withSshPort(other);
                around.save(record);
            }
        }
    }

    private void askAgain() {
        if (state instanceof Stopping stopping) {
            if (around.clock().instant().isBefore(stopping.deadline())) {
                stopping.guest().powerdown();
                return;
            }
            become(new Online(stopping.guest()));
            stopping.asked()
                    .completeExceptionally(new CommandFailed(
                            Reason.TIMED_OUT,
                            "instance " + record.id() + " did not power down within " + stopping.seconds()
                                    + " s; it is still online",
                            "`kvm-cloud kill " + record.id() + "` ends it without asking the guest"));
        }
    }

    private void ended(Guest guest, String how) {
        switch (state) {
            case Online(var ours) when ours == guest -> become(new Offline(how));
            case Stopping stopping
            when stopping.guest() == guest -> {
                become(new Offline(how));
                stopping.asked().complete(new Reply.InstanceStopped(around.view(this)));
            }
            // News of a guest that we ended ourselves, or of an earlier one.
            case Online _, Stopping _, Offline _, Starting _, Failed _ -> {}
        }
    }

    private void remove() {
        if (state instanceof Online(var guest)) {
            guest.kill();
            ended(guest, "it was deleted");
        } else if (state instanceof Stopping stopping) {
            stopping.guest().kill();
            ended(stopping.guest(), "it was deleted");
        }
        around.remove(this);
        removed = true;
    }

    private Online watched(Guest guest) {
        guest.ended().thenAccept(how -> happenings.add(new Happening.GuestEnded(guest, how)));
        return new Online(guest);
    }

    private void become(InstanceState next) {
        LOG.info("{}: {} ▶ {}", record.id(), state.status(), next.status());
        state = next;
        around.changed(this);
    }
}
