package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.lifecycle.Undo;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.InstanceId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;

/** Makes an instance on the disk: all of it, or nothing. */
record Creation(Host host, InstanceStore store, Hypervisor hypervisor, Ports ports, Clock clock) {

    /** @throws CommandFailed when no port is free or the disk does not take it; nothing is left behind then */
    InstanceRecord make(InstanceId id, Template template, DiskSize disk, NewInstance command) {
        try (Undo undo = new Undo()) {
            int port = ports.lease(id.number());
            undo.add(() -> ports.release(port, id.number()));
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
                    clock.millis());
            Path unfinished = store.begin(id.number());
            undo.add(() -> DurableFile.deleteTree(unfinished));
            hypervisor.prepare(record.spec(unfinished, template, host.bindAddress()), command.sshKeys());
            store.commit(record);
            undo.keep();
            return record;
        } catch (IOException full) {
            throw host.diskTrouble("cannot create " + id, full);
        }
    }
}
