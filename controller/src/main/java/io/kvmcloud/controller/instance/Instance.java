package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.instance.Hypervisor.PortTaken;
import io.kvmcloud.controller.instance.InstanceState.Failed;
import io.kvmcloud.controller.instance.InstanceState.Offline;
import io.kvmcloud.controller.instance.InstanceState.Online;
import io.kvmcloud.controller.instance.InstanceState.Paused;
import io.kvmcloud.controller.instance.InstanceState.Starting;
import io.kvmcloud.controller.instance.InstanceState.Stopping;
import io.kvmcloud.messages.Command.AddForward;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An instance and the one thread that owns it. Requests, the end of its guest and the sweep go into one queue, so there is one
 * thing at a time to think about; {@link Decision} and {@link Upkeep} say what is to be done, here it is done. Nothing that may
 * hang is waited for here without a limit.
 */
final class Instance {

    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

    /** A QEMU that is busy may be late; one that is silent for longer is worth a note. */
    private static final Duration SILENT = Duration.ofSeconds(4);

    private final Surroundings around;
    private final Forwarding forwarding;
    private final TypedLines typed = new TypedLines();
    private final LinkedBlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile InstanceRecord record;
    private volatile InstanceState state;
    private volatile String silence = "";
    private boolean removed;
    private volatile boolean finished;

    /** Starts the thread; {@code adopted} is the guest that already runs, or null. */
    Instance(Surroundings around, InstanceRecord record, @Nullable Guest adopted) {
        this.around = around;
        this.forwarding = new Forwarding(around);
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

    /** What is worth reading about it now, or empty. */
    String note() {
        String now = state.note();
        return now.isEmpty() ? silence : now;
    }

    /** Asks for something; the answer comes when it is done, exceptionally when it failed or is refused. */
    CompletableFuture<Reply> ask(Order order) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        happenings.add(new Happening.Asked(order, answer));
        if (finished) {
            answerLate();
        }
        return answer;
    }

    /** The answer to what changes nothing in the state it is in now; from any thread, for who knows that nothing else is asked. */
    Optional<Reply> unchanged(Order order) {
        Decision decision = Decision.of(order, state, now());
        if (decision instanceof Decision.Refuse(var failure)) {
            return Optional.of(failure);
        }
        return decision instanceof Decision.Nothing ? Optional.of(done(order)) : Optional.empty();
    }

    /**
     * The sweep comes by; what is to be done is done on the instance's own thread.
     *
     * @param claims processes that claim its directory, as seen a moment ago
     */
    void look(List<Hypervisor.Claim> claims) {
        if (happenings.stream().noneMatch(Happening.Look.class::isInstance)) {
            happenings.add(new Happening.Look(claims));
        }
    }

    /** The controller is leaving: the thread ends, the guest runs on, and what was not done is done by the next life. */
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
                case null -> timePasses();
                case Happening.Asked(var order, var answer) -> carryOut(order, answer);
                case Happening.Launched(var launch) -> launched(launch);
                case Happening.GuestEnded(var guest, var how) -> ended(guest, how);
                case Happening.Look(var claims) -> lookAfterItself(claims);
                case Happening.Leave _ -> leaving = true;
            }
        }
        state.running().ifPresent(Guest::release);
        if (removed) {
            finished = true;
            answerLate();
        }
    }

    /** Whoever asked in the last moment is told, never left waiting. */
    private void answerLate() {
        for (Happening late = happenings.poll(); late != null; late = happenings.poll()) {
            if (late instanceof Happening.Asked(var order, var answer)) {
                if (order.request() instanceof DeleteInstance(var id, var _)) {
                    answer.complete(new Reply.InstanceDeleted(id));
                } else {
                    answer.completeExceptionally(
                            around.noSuchInstance(order.request().id()));
                }
            }
        }
    }

    /** The next happening; null when a guest that is being stopped is to be asked again, or a deadline has passed. */
    private @Nullable Happening next() {
        try {
            return switch (state) {
                case Offline _, Online _, Paused _, Failed _ -> happenings.take();
                case Starting starting -> happenings.poll(left(starting.deadline()), TimeUnit.MILLISECONDS);
                case Stopping stopping ->
                    happenings.poll(Math.min(left(stopping.deadline()), ASK_AGAIN.toMillis()), TimeUnit.MILLISECONDS);
            };
        } catch (InterruptedException _) {
            return new Happening.Leave();
        }
    }

    private long left(Instant deadline) {
        return Duration.between(now(), deadline).toMillis();
    }

    private Instant now() {
        return around.clock().instant();
    }

    private void carryOut(Order order, CompletableFuture<Reply> answer) {
        try {
            switch (isDone(order) ? new Decision.Nothing() : Decision.of(order, state, now())) {
                case Decision.Start _ -> start(order, answer);
                case Decision.Join(var asked) -> pass(asked, answer);
                case Decision.AskToStop(var guest, var seconds) -> {
                    become(new Stopping(guest, order, now().plusSeconds(seconds), seconds, answer));
                    guest.powerdown();
                }
                case Decision.Pause(var guest) -> {
                    guest.pause();
                    become(new Paused(guest));
                    answer.complete(done(order));
                }
                case Decision.Resume(var guest) -> {
                    guest.resume();
                    become(new Online(guest));
                    answer.complete(done(order));
                }
                case Decision.End _ -> {
                    end("it was killed");
                    answer.complete(done(order));
                }
                case Decision.Remove _ -> {
                    remove("it was deleted");
                    answer.complete(done(order));
                }
                case Decision.AddPort(var wanted) ->
                    reforwarded(forwarding.add(record, wanted, order.requestId(), state.running()), order, answer);
                case Decision.RemovePort(var port) ->
                    reforwarded(forwarding.remove(record, port, state.running()), order, answer);
                case Decision.Type(var guest, var input) ->
                    pass(typed.next(input, () -> guest.type(input.text())).thenApply(_ -> done(order)), answer);
                case Decision.OpenLine(var input) -> {
                    typed.open(input.line());
                    answer.complete(done(order));
                }
                case Decision.Nothing _ -> answer.complete(done(order));
                case Decision.Refuse(var failure) -> answer.completeExceptionally(new CommandFailed(failure));
            }
        } catch (RuntimeException failed) {
            answer.completeExceptionally(failed);
        }
    }

    private Reply done(Order order) {
        return switch (order.request()) {
            case RunInstance _, RestartInstance _, ResumeInstance _ -> new Reply.InstanceStarted(around.view(this));
            case PauseInstance _ -> new Reply.InstancePaused(around.view(this));
            case StopInstance _, KillInstance _ -> new Reply.InstanceStopped(around.view(this));
            case DeleteInstance(var id, var _) -> new Reply.InstanceDeleted(id);
            case AddForward(var _, var wanted) ->
                new Reply.InstanceForwarded(
                        around.view(this), record.broughtBy(order.requestId()).orElse(wanted));
            case RemoveForward _ -> new Reply.InstanceUnforwarded(around.view(this));
            case TypeInput(var id, var line, var number, var _) -> new Reply.InstanceTyped(id, line, number);
        };
    }

    /** Whether an earlier life has done it, as the record says; then there is no more to do, however late it is. */
    private boolean isDone(Order order) {
        boolean added = order.request() instanceof AddForward
                && record.broughtBy(order.requestId()).isPresent();
        boolean ended = order.request() instanceof RemoveForward(var _, var port)
                && record.at(port).isEmpty();
        return order.again() && (added || ended);
    }

    private void reforwarded(InstanceRecord now, Order order, CompletableFuture<Reply> answer) {
        record = now;
        around.changed(this);
        answer.complete(done(order));
    }

    private static void pass(CompletableFuture<Reply> from, CompletableFuture<Reply> to) {
        from.whenComplete((reply, failed) -> {
            if (failed == null) {
                to.complete(reply);
            } else {
                to.completeExceptionally(failed);
            }
        });
    }

    private void start(Order order, CompletableFuture<Reply> answer) {
        Launch launch = new Launch("start " + record.id(), this::startOnSomePort);
        become(new Starting(order.requestId(), now().plus(Hypervisor.START_LIMIT), launch, answer));
        launch.outcome().whenComplete((_, _) -> happenings.add(new Happening.Launched(launch)));
    }

    /** The port leased for SSH, or, when a stranger has it meanwhile, the next free one; others are as people want them. */
    private Guest startOnSomePort() {
        while (true) {
            try {
                return kept(around.hypervisor().start(around.spec(record)));
            } catch (PortTaken taken) {
                Port ssh = Ports.ssh(record.sshPort());
                if (!taken.port().equals(ssh)) {
                    throw around.ports().taken(taken.port(), "another program has it", record.id());
                }
                int other = around.ports().lease(record.id());
                LOG.info("{}: {}, using {} instead", record.id(), taken.getMessage(), other);
                around.ports().release(ssh, record.id());
                record = record.withSshPort(other);
                around.save(record);
            }
        }
    }

    /** What a guest writes is worth something, so now its instance is to be on the disk; nobody waits for that but the answer. */
    private Guest kept(Guest guest) {
        try {
            around.keep(record);
            return guest;
        } catch (RuntimeException failed) {
            guest.kill();
            throw failed;
        }
    }

    private void launched(Launch launch) {
        if (!(state instanceof Starting starting) || starting.launch() != launch) {
            return; // It was cancelled, and what came of it was ended.
        }
        try {
            become(watched(launch.outcome().join()));
            starting.asked().complete(new Reply.InstanceStarted(around.view(this)));
        } catch (CompletionException failed) {
            Throwable why = failed.getCause() == null ? failed : failed.getCause();
            become(new Failed(String.valueOf(why.getMessage())));
            starting.asked().completeExceptionally(why);
        }
    }

    private void timePasses() {
        switch (state) {
            case Starting starting -> {
                if (!now().isBefore(starting.deadline())) {
                    giveUp(starting);
                }
            }
            case Stopping stopping -> {
                if (now().isBefore(stopping.deadline())) {
                    stopping.guest().powerdown();
                } else if (stopping.order().request() instanceof StopInstance stop && stop.force()) {
                    end("it did not power down within " + stop.seconds() + " s and was killed");
                } else {
                    doesNotListen(stopping);
                }
            }
            case Offline _, Online _, Paused _, Failed _ -> {}
        }
    }

    private void giveUp(Starting starting) {
        starting.launch().cancel();
        String why = "QEMU did not start within " + Hypervisor.START_LIMIT.toSeconds() + " s";
        become(new Failed(why));
        starting.asked()
                .completeExceptionally(new CommandFailed(
                        Reason.FAILED, "instance " + record.id() + ": " + why, "is its host all right?"));
    }

    private void doesNotListen(Stopping stopping) {
        become(new Online(stopping.guest()));
        stopping.asked()
                .completeExceptionally(new CommandFailed(
                        Reason.TIMED_OUT,
                        "instance " + record.id() + " did not power down within " + stopping.seconds()
                                + " s; it is still online",
                        "`kvm-cloud kill " + record.id()
                                + "` ends it without asking the guest; a stop with --force does after its time"));
    }

    private void ended(Guest guest, String how) {
        switch (state) {
            case Online(var ours) when ours == guest -> offline(how);
            case Paused(var ours) when ours == guest -> offline(how);
            case Stopping stopping
            when stopping.guest() == guest -> {
                offline(how);
                if (stopping.order().request() instanceof RestartInstance) {
                    start(stopping.order(), stopping.asked());
                } else {
                    stopping.asked().complete(done(stopping.order()));
                }
            }
            // News of a guest that we ended ourselves, or of an earlier one.
            case Online _, Paused _, Stopping _, Offline _, Starting _, Failed _ -> {}
        }
    }

    private void offline(String how) {
        tidy();
        silence = "";
        become(new Offline(how));
    }

    /** Ends what runs or is being started, without asking. */
    private void end(String how) {
        switch (state) {
            case Starting starting -> {
                starting.launch().cancel();
                offline(how);
                didNotStart(starting.asked(), how);
            }
            case Online(var guest) -> kill(guest, how);
            case Paused(var guest) -> kill(guest, how);
            case Stopping stopping -> {
                kill(stopping.guest(), how);
                if (stopping.order().request() instanceof RestartInstance) {
                    didNotStart(stopping.asked(), how);
                } else {
                    stopping.asked().complete(done(stopping.order()));
                }
            }
            case Offline _, Failed _ -> {}
        }
    }

    private void kill(Guest guest, String how) {
        guest.kill();
        offline(how);
    }

    private void didNotStart(CompletableFuture<Reply> asked, String how) {
        asked.completeExceptionally(new CommandFailed(
                Reason.REFUSED,
                "instance " + record.id() + " did not start: " + how,
                "`kvm-cloud instances` shows what became of it"));
    }

    private void remove(String how) {
        end(how);
        around.remove(this);
        removed = true;
    }

    private void lookAfterItself(List<Hypervisor.Claim> claims) {
        long number = record.id().number();
        Upkeep upkeep = Upkeep.of(
                state, around.store().hasDirectory(number), around.store().hasRecord(number));
        try {
            if (upkeep != Upkeep.NOTHING) {
                endStrays(claims);
            }
            switch (upkeep) {
                case NOTHING -> {}
                case TIDY -> tidy();
                case ASK_GUEST -> askGuest();
                case FORGET -> {
                    LOG.warn("{}: its directory was deleted, so it is gone", record.id());
                    remove("its directory was deleted");
                }
                case PUT_ASIDE -> {
                    if (around.store().putAside(number, "its record was deleted")) {
                        remove("its record was deleted");
                    }
                }
                case WRITE_RECORD -> {
                    LOG.warn("{}: its record was deleted while it runs, writing it again", record.id());
                    around.save(record);
                }
            }
        } catch (CommandFailed later) {
            LOG.warn("{}: {}", record.id(), later.getMessage());
        }
    }

    /** Processes of starts that were given up and of lives before; two QEMUs on one disk would be its end. */
    private void endStrays(List<Hypervisor.Claim> claims) {
        long ours = state.running().map(Guest::pid).orElse(-1L);
        claims.stream().filter(claim -> claim.pid() != ours).forEach(stray -> {
            LOG.warn("{}: ending process {}, which claims its directory", record.id(), stray.pid());
            stray.end();
        });
    }

    private void tidy() {
        try {
            around.hypervisor().reap(around.store().directory(record.id().number()));
        } catch (CommandFailed stuck) {
            LOG.warn("{}: {}", record.id(), stuck.getMessage());
        }
    }

    private void askGuest() {
        state.running().ifPresent(Guest::trimLog);
        Duration silent = state.running().map(Guest::silence).orElse(Duration.ZERO);
        String now = silent.compareTo(SILENT) > 0 ? "QEMU does not answer (" + silent.toSeconds() + " s)" : "";
        if (!now.equals(silence)) {
            if (now.isEmpty() || silence.isEmpty()) {
                LOG.info("{}: {}", record.id(), now.isEmpty() ? "QEMU answers again" : now);
            }
            silence = now;
            around.changed(this);
        }
        switch (state) {
            case Online(var guest) when guest.paused() -> become(new Paused(guest));
            case Paused(var guest) when !guest.paused() -> become(new Online(guest));
            case Offline _, Starting _, Online _, Paused _, Stopping _, Failed _ -> {}
        }
    }

    private InstanceState watched(Guest guest) {
        guest.ended().thenAccept(how -> happenings.add(new Happening.GuestEnded(guest, how)));
        return guest.paused() ? new Paused(guest) : new Online(guest);
    }

    private void become(InstanceState next) {
        LOG.info("{}: {} -> {}{}", record.id(), state.status(), next.status(), next.cause());
        state = next;
        around.changed(this);
    }
}
