package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the verbs get into an instance that OpenSSH's programs do the rest for: who logs in, and when the guest lets us. */
final class WayIn {

    private static final Duration NOTE_AFTER = Duration.ofSeconds(1);

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;

    @Option(
            names = {"-l", "--login"},
            paramLabel = "USER",
            description = "Who to log in as (default: the template's user).")
    private @Nullable String login;

    @Option(
            names = {"-i", "--identity"},
            paramLabel = "FILE",
            description = "A private key to try first.")
    private @Nullable Path identity;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long to wait for the guest (default: ${DEFAULT-VALUE}).")
    private int seconds;

    WayIn(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
    }

    /**
     * Waits for the guest's SSH server.
     *
     * @throws CommandFailed {@link Reason#REFUSED} when it is not running, {@link Reason#TIMED_OUT} when no server answers
     */
    InstanceView await(String id) {
        InstanceRow row = online(id);
        awaitServer(id, row);
        return row.instance();
    }

    /** Logs in, or runs a command there; returns its exit code. */
    int ssh(InstanceView instance, List<String> command) {
        SshClient ssh = client("ssh");
        return ssh.run(ssh.arguments(instance, user(instance), canAsk(), command), surroundings.script());
    }

    /** Copies files; paths there are those after {@link SshClient#alias(InstanceView)} and a colon. Returns scp's exit code. */
    int copy(InstanceView instance, boolean recursive, List<String> paths) {
        SshClient scp = client("scp");
        return scp.run(scp.copying(instance, user(instance), canAsk(), recursive, paths), surroundings.script());
    }

    /** One of OpenSSH's programs, with our keys. */
    private SshClient client(String program) {
        var keys = new SshKeys(surroundings.environment());
        List<Path> identities = new ArrayList<>(keys.identities());
        if (identity != null) {
            identities.addFirst(identity.toAbsolutePath());
        }
        return new SshClient(program, keys.knownHosts(), identities);
    }

    /** Who logs in. */
    private String user(InstanceView instance) {
        return login == null ? instance.login() : login;
    }

    private InstanceRow online(String id) {
        InstanceRow row = cloud.instance(id);
        InstanceView instance = row.instance();
        if (instance.status() != InstanceStatus.ONLINE && instance.status() != InstanceStatus.STARTING) {
            String why = instance.note().isEmpty() ? "" : ": " + instance.note();
            throw new CommandFailed(
                    Reason.REFUSED,
                    "instance " + id + " is " + instance.status() + why + "; only an ONLINE one can be logged in to",
                    instance.status() == InstanceStatus.PAUSED
                            ? "`kvm-cloud resume " + id + "` lets it go on"
                            : "`kvm-cloud run " + id + "` starts it");
        }
        return row;
    }

    private void awaitServer(String id, InstanceRow row) {
        InstanceView instance = row.instance();
        long start = System.nanoTime();
        Thread note = Thread.ofVirtual().unstarted(() -> {
            try {
                Thread.sleep(NOTE_AFTER);
                output.note("waiting for the SSH server of " + id + " (" + why(row) + ") …");
            } catch (InterruptedException _) {
                // It came before anybody wondered.
            }
        });
        if (output.notesOnTerminal() || !row.reachable()) {
            note.start();
        }
        try {
            boolean there = SshBanner.of(instance).await(Duration.ofSeconds(seconds), () -> online(id));
            if (!there) {
                long waited = Duration.ofNanos(System.nanoTime() - start).toSeconds();
                throw new CommandFailed(
                        Reason.TIMED_OUT,
                        "no SSH server answers at " + instance.address() + ":" + instance.sshPort() + " for " + id
                                + " after " + waited + " s",
                        row.reachable()
                                ? "`kvm-cloud logs " + id + "` shows how far it booted; --timeout waits longer"
                                : why(row) + "; `kvm-cloud controllers` tells when it is back");
            }
        } finally {
            note.interrupt();
        }
    }

    /** Why a guest that is said to run may not answer. */
    private static String why(InstanceRow row) {
        return row.reachable()
                ? "it may still be booting"
                : "its controller " + row.instance().id().controller() + " was last heard of "
                        + Math.round(row.ageSeconds()) + " s ago";
    }

    /** True when ssh can ask a person for a password. */
    private boolean canAsk() {
        if (surroundings.script()) {
            return false;
        }
        try (var _ = new FileInputStream("/dev/tty")) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
