package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.instance.InstanceRecord.Held;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.lifecycle.Undo;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;

/** Makes an instance's files: all of them, or none. */
record Creation(Host host, InstanceStore store, Hypervisor hypervisor, Ports ports, Clock clock) {

    /** @throws CommandFailed when no port is free or the disk does not take it; nothing is left behind then */
    InstanceRecord make(InstanceId id, Template template, DiskSize disk, NewInstance command) {
        try (Undo undo = new Undo()) {
            int port = ports.lease(id);
            undo.add(() -> ports.release(Ports.ssh(port), id));
            List<Held> forwards = new ArrayList<>();
            for (Forward wanted : command.forwards()) {
                Forward leased = ports.lease(wanted, id);
                undo.add(() -> ports.release(leased.port(), id));
                forwards.add(new Held(leased, ""));
            }
            InstanceRecord record = new InstanceRecord(
                    id,
                    UUID.randomUUID(),
                    command.name(),
                    template.name(),
                    command.memory(),
                    command.cpus(),
                    disk,
                    port,
                    template.login(),
                    clock.millis(),
                    forwards,
                    0);
            long begun = System.nanoTime();
            InstanceRecord made = fill(record, template, command, () -> (System.nanoTime() - begun) / 1_000_000);
            undo.keep();
            return made;
        }
    }

    /** Makes one again as it was: its files are lost, its ports are not. @throws CommandFailed as above */
    InstanceRecord makeAgain(InstanceRecord record, Template template, NewInstance command) {
        return fill(record, template, command, record::diskMillis);
    }

    /** @param millis to be noted for it, once it has its disk */
    private InstanceRecord fill(InstanceRecord record, Template template, NewInstance command, LongSupplier millis) {
        try (Undo undo = new Undo()) {
            Path unfinished = store.begin(record.id().number());
            undo.add(() -> DurableFile.deleteTree(unfinished));
            hypervisor.prepare(
                    record.spec(unfinished, template, host.bindAddress()), command.sshKeys(), command.userData());
            InstanceRecord made = record.withDiskMillis(millis.getAsLong());
            store.commit(made);
            undo.keep();
            return made;
        } catch (IOException full) {
            throw host.diskTrouble("cannot create " + record.id(), full);
        }
    }
}
