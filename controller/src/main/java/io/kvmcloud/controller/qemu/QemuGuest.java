package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.controller.instance.Guest;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running QEMU. One thread watches it: the end of its monitor's connection tells at once that it is gone, and a look
 * at the process every second is the safety net for a monitor that is silent or was lost.
 */
final class QemuGuest implements Guest {

    private static final Logger LOG = LoggerFactory.getLogger(QemuGuest.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final Duration LAST_WORDS = Duration.ofMillis(300);
    private static final Duration GONE = Duration.ofSeconds(5);
    private static final String HUMAN = "human-monitor-command";
    private static final Pattern BOUND = Pattern.compile("hostfwd=tcp:([0-9.]+):");

    private final GuestProcess process;
    private final GuestFiles files;
    private final int sshPort;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final SerialInput serial;
    private final SerialLog log;
    private volatile @Nullable Qmp monitor;
    private volatile boolean released;
    private volatile boolean killed;
    private volatile boolean outOfSpace;
    private volatile boolean paused;
    private volatile long unansweredSince;
    private boolean frozen;
    private volatile String lastWords = "";
    private volatile BootReport boot = BootReport.NONE;

    QemuGuest(GuestProcess process, GuestFiles files, int sshPort) {
        this.process = process;
        this.files = files;
        this.sshPort = sshPort;
        this.serial = new SerialInput(files.serialSocket());
        this.log = new SerialLog(files.serialLog());
    }

    /** Takes the monitor when it can be had. */
    @Nullable
    Qmp connect() {
        try {
            Qmp connected = Qmp.connect(files.monitor(), this::heard);
            monitor = connected;
            return connected;
        } catch (IOException notNow) {
            LOG.debug("no monitor at {}: {}", files.monitor(), notNow.toString());
            return null;
        }
    }

    /** Begins to watch. */
    QemuGuest watched() {
        Thread.ofVirtual().name("watch " + files.directory().getFileName()).start(this::watch);
        return this;
    }

    /** How it came up is known now. */
    QemuGuest booted(BootReport report) {
        boot = report;
        return this;
    }

    /** Whether the monitor listens to us. */
    boolean hasMonitor() {
        Qmp now = monitor;
        return now != null && now.greeted().isDone() && !now.ended().isDone();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public Instant started() {
        return process.started();
    }

    @Override
    public int sshPort() {
        return sshPort;
    }

    @Override
    public BootReport boot() {
        return boot;
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public void powerdown() {
        Qmp now = monitor;
        if (now != null) {
            var _ = now.send("system_powerdown", ANSWER).exceptionally(failure -> {
                LOG.debug("{}: powerdown was not heard: {}", files.directory().getFileName(), failure.getMessage());
                return null;
            });
        }
    }

    @Override
    public void pause() {
        order("stop");
        paused = true;
    }

    @Override
    public void resume() {
        order("cont");
        paused = false;
    }

    private void order(String command) {
        try {
            taken().execute(command, ANSWER);
        } catch (QmpFailed failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "QEMU (pid " + pid() + ") did not do it: " + failed.getMessage(),
                    "ask again in a moment");
        }
    }

    @Override
    public boolean paused() {
        return paused;
    }

    /** What {@code query-status} said; a guest that stands still because the host's disk is full was paused by nobody. */
    void heardStatus(JsonNode status) {
        paused = status.path("status").asText().equals("paused");
    }

    @Override
    public void forward(Forward forward) {
        String complaint;
        try {
            complaint = taken().execute(HUMAN, line(add(forward)), ANSWER).asText();
        } catch (QmpFailed unheard) {
            tell(remove(forward)); // It may be heard later, and then this is, too.
            throw silent(unheard);
        }
        if (!complaint.isBlank()) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "QEMU does not forward " + forward + ": " + complaint.strip(),
                    "does another program have the port? `:" + forward.guest() + "` takes any that is free");
        }
    }

    @Override
    public void unforward(Forward forward) {
        try {
            taken().execute(HUMAN, line(remove(forward)), ANSWER);
        } catch (QmpFailed unheard) {
            tell(add(forward));
            throw silent(unheard);
        }
    }

    @Override
    public void assure(List<Forward> forwards) {
        if (boundAt().isPresent()) { // or it is gone
            // QEMU refuses those that are there: it has their ports itself.
            forwards.forEach(forward -> tell(add(forward)));
        }
    }

    private String add(Forward forward) {
        return "hostfwd_add " + QemuCommandLine.NETWORK + " " + QemuCommandLine.rule(bindAddress(), forward);
    }

    private String remove(Forward forward) {
        return "hostfwd_remove " + QemuCommandLine.NETWORK + " "
                + QemuCommandLine.rule(bindAddress(), forward).replaceFirst("-.*", "");
    }

    private String bindAddress() {
        return boundAt().orElseThrow(() -> silent(new QmpFailed("QEMU (pid " + pid() + ") is gone")));
    }

    /** Where its ports were bound when it was started; the controller may have been given another address since. */
    private Optional<String> boundAt() {
        return process.valueOf("-netdev")
                .map(BOUND::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1));
    }

    private void tell(String line) {
        Qmp now = monitor;
        if (now != null) {
            var _ = now.send(HUMAN, line(line), ANSWER).exceptionally(failure -> {
                LOG.debug("{}: {} was not heard", files.directory().getFileName(), line);
                return null;
            });
        }
    }

    /** A command of the monitor for people; the protocol for programs has none for forwards. */
    private static ObjectNode line(String text) {
        return JsonNodeFactory.instance.objectNode().put("command-line", text);
    }

    private Qmp taken() throws QmpFailed {
        Qmp now = monitor;
        if (now == null) {
            throw new QmpFailed("its monitor is not there");
        }
        return now;
    }

    private CommandFailed silent(QmpFailed why) {
        return new CommandFailed(
                Reason.FAILED,
                "QEMU does not answer: " + why.getMessage() + "; its forwards are as they were",
                "`kvm-cloud info` tells more; ask again when it answers");
    }

    @Override
    public void trimLog() {
        log.trim();
    }

    @Override
    public CompletableFuture<Void> type(String text) {
        return serial.type(text);
    }

    @Override
    public Duration silence() {
        long now = System.nanoTime();
        if (unansweredSince == 0) {
            unansweredSince = now;
        }
        Duration silent = Duration.ofNanos(now - unansweredSince);
        Qmp ours = monitor;
        if (ours != null) {
            var _ = ours.send("query-status", ANSWER).thenAccept(answer -> {
                unansweredSince = 0;
                heardStatus(answer);
            });
        }
        return silent;
    }

    @Override
    public void kill() {
        killed = true;
        Qmp now = monitor;
        if (now != null && now.greeted().isDone()) {
            // Asked to quit, it writes out what its disks still have in memory.
            var _ = now.send("quit", ANSWER);
            if (process.awaitGone(LOOK)) {
                return;
            }
        }
        process.sigkill();
        if (!process.awaitGone(GONE)) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "QEMU (pid " + pid() + ") is still there " + GONE.toSeconds() + " s after SIGKILL",
                    "the kernel does not let go of it, most likely its disk does not answer: see `ps -o pid,stat,wchan "
                            + pid() + "` on the controller's host");
        }
    }

    @Override
    public void release() {
        released = true;
        serial.close();
        Qmp now = monitor;
        if (now != null) {
            now.close();
        }
    }

    private void watch() {
        try {
            while (!released && process.alive()) {
                Qmp now = monitor;
                if (now == null) {
                    now = connect();
                }
                if (now == null) {
                    Thread.sleep(LOOK);
                } else if (over(now, LOOK) && !released && !process.awaitGone(LOOK)) {
                    LOG.warn(
                            "{}: lost the monitor ({}), taking it again",
                            files.directory(),
                            now.ended().join());
                    monitor = null;
                } else {
                    thaw(now);
                }
            }
            if (!released) {
                Qmp last = monitor;
                if (last != null && !over(last, LAST_WORDS)) {
                    last.close();
                }
                serial.close();
                ended.complete(epitaph());
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    /** When the host's disk is full QEMU stops the guest rather than give it errors: it goes on when there is room. */
    private void thaw(Qmp now) {
        if (outOfSpace != frozen) {
            frozen = outOfSpace;
            LOG.warn(
                    "{}: {}",
                    files.directory(),
                    frozen ? "frozen, the host's disk is full" : "goes on, the disk has room");
        }
        if (outOfSpace) {
            outOfSpace = false;
            var _ = now.send("cont", ANSWER);
        }
    }

    private static boolean over(Qmp monitor, Duration limit) throws InterruptedException {
        try {
            monitor.ended().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException still) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void heard(String event, JsonNode data) {
        switch (event) {
            case "SHUTDOWN" -> lastWords = data.path("reason").asText("shutdown");
            case "BLOCK_IO_ERROR" -> outOfSpace = data.path("nospace").asBoolean();
            case "GUEST_PANICKED" ->
                LOG.warn("{}: the guest panicked", files.directory().getFileName());
            default -> LOG.debug("{}: {} {}", files.directory().getFileName(), event, data);
        }
    }

    /** How it ended, for people; the reasons are QEMU's ShutdownCause (qapi/run-state.json). */
    private String epitaph() {
        if (killed) {
            return "killed";
        }
        return switch (lastWords) {
            case "guest-shutdown" -> "the guest powered itself off";
            case "guest-reset" -> "the guest reset itself";
            case "guest-panic" -> "the guest panicked";
            case "host-signal" -> "QEMU was told by a signal to end";
            case "host-qmp-quit" -> "QEMU was told by its monitor to quit";
            case "" -> "QEMU (pid " + pid() + ") died without a word" + QemuLog.tail(files.qemuLog(), ": ");
            default -> "QEMU ended: " + lastWords;
        };
    }
}
