package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import java.time.Duration;

/**
 * One instance on its way from a command to the first line of its SSH server.
 *
 * @param begun when the person asked for it, on {@link System#nanoTime}'s clock
 * @param patience how long to wait for the SSH server; zero is not at all
 */
record Launch(Cloud cloud, Output output, long begun, Duration patience) {

    private static final int LAST_LINES = 20;

    /**
     * @param op id under which it is created; it is started under the same with {@code /run} behind
     * @throws CommandFailed that says what to do with what is there by then
     */
    InstanceView of(NewInstance command, Op op) {
        InstanceView placed = cloud.ask(command, op).instance();
        InstanceId id = placed.id();
        int disk = placed.diskMillis();
        String stages = Selector.label(placed) + ": placed " + id.controller() + " " + Math.max(0, millis() - disk)
                + " ms" + (disk == 0 ? "" : " · disk " + disk + " ms");
        InstanceView started = run(id, new Op(op.id() + "/run", op.again()));
        BootReport boot = started.boot();
        stages += " · " + boot.kind() + " " + boot.millis() + " ms"
                + (boot.note().isEmpty() ? "" : " (" + boot.note() + ")");
        if (patience.isPositive()) {
            awaitBanner(started);
            stages += " · ssh " + millis() + " ms";
        }
        output.note(stages);
        ForwardCommand.note(output, started);
        return started;
    }

    private InstanceView run(InstanceId id, Op op) {
        try {
            return cloud.ask(new RunInstance(id), op).instance();
        } catch (CommandFailed failed) {
            showConsole(id);
            throw new CommandFailed(
                            failed.failure().reason(),
                            id + " was created and is not online: "
                                    + failed.failure().message(),
                            "`kvm-cloud run " + id + "` tries again, `kvm-cloud delete " + id + "` removes it",
                            failed)
                    .of(failed.op());
        }
    }

    private void awaitBanner(InstanceView instance) {
        InstanceId id = instance.id();
        if (SshBanner.of(instance).await(patience, () -> requireOnline(id))) {
            return;
        }
        showConsole(id);
        throw new CommandFailed(
                Reason.TIMED_OUT,
                id + " has not answered on SSH within " + patience.toSeconds() + " s; it goes on",
                "`kvm-cloud ssh " + id + "` goes on waiting, `kvm-cloud logs " + id + "` shows what it does");
    }

    private void requireOnline(InstanceId id) {
        InstanceView now = cloud.instance(id.toString()).instance();
        if (now.status() != InstanceStatus.ONLINE && now.status() != InstanceStatus.STARTING) {
            showConsole(id);
            throw new CommandFailed(
                    Reason.FAILED,
                    id + " is " + now.status() + " before it answered on SSH"
                            + (now.note().isEmpty() ? "" : ": " + now.note()),
                    "`kvm-cloud run " + id + "` tries again, `kvm-cloud delete " + id + "` removes it");
        }
    }

    private void showConsole(InstanceId id) {
        try {
            String text = cloud.ask(new ReadLog(id, LAST_LINES)).text().strip();
            output.note(
                    text.isEmpty()
                            ? "nothing was written to its serial console"
                            : "the end of its serial console:\n" + text);
        } catch (CommandFailed unreadable) {
            output.note(
                    "its serial console cannot be read: " + unreadable.failure().message());
        }
    }

    private long millis() {
        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
    }
}
