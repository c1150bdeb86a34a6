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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ssh}: into an instance, as soon as it lets us. */
@Command(
        name = "ssh",
        description = {
            "Log in to an instance, or run a command in it: `kvm-cloud ssh s1/1000 -- uname -a`.",
            "Waits for a guest that is still booting. The exit code is the guest's."
        },
        footer = {"kvm-cloud ssh s1/1000", "kvm-cloud ssh s1/1000 -- uname -a"})
final class SshCommand implements Callable<Integer> {

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

    @Parameters(index = "0", paramLabel = "ID", description = "Like s1/1000, or its name, or the beginning of one.")
    private String id = "";

    @Parameters(index = "1..*", paramLabel = "-- CMD", description = "What to run in it.")
    private List<String> command = List.of();

    SshCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        InstanceView instance = online();
        awaitServer(instance);
        var keys = new SshKeys(surroundings.environment());
        List<Path> identities = new ArrayList<>(keys.identities());
        if (identity != null) {
            identities.addFirst(identity.toAbsolutePath());
        }
        var ssh = new SshClient("ssh", keys.knownHosts(), identities);
        String user = login == null ? instance.login() : login;
        return ssh.run(ssh.arguments(instance, user, canAsk(), command), surroundings.script());
    }

    private InstanceView online() {
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
        return instance;
    }

    private void awaitServer(InstanceView instance) {
        long start = System.nanoTime();
        Thread note = Thread.ofVirtual().unstarted(() -> {
            try {
                Thread.sleep(NOTE_AFTER);
                output.note("waiting for the SSH server of " + id + " (it may still be booting) …");
            } catch (InterruptedException _) {
                // It came before anybody wondered.
            }
        });
        if (surroundings.notesOnTerminal()) {
            note.start();
        }
        try {
            boolean there = SshBanner.of(instance).await(Duration.ofSeconds(seconds), this::online);
            if (!there) {
                long waited = Duration.ofNanos(System.nanoTime() - start).toSeconds();
                throw new CommandFailed(
                        Reason.TIMED_OUT,
                        "no SSH server answers at " + instance.address() + ":" + instance.sshPort() + " for " + id
                                + " after " + waited + " s",
                        "`kvm-cloud logs " + id + "` shows how far it booted; --timeout waits longer");
            }
        } finally {
            note.interrupt();
        }
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
