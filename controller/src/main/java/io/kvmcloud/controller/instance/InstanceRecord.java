package io.kvmcloud.controller.instance;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceName;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What is written down of an instance, {@code instance.json} in its directory. Whether it runs is not: that is asked of the
 * processes.
 *
 * @param uuid of the machine
 * @param name what people and its guest call it, or empty
 * @param template the name of what it was made from
 * @param disk how large its guest sees its disk
 * @param sshPort leased to it, also while OFFLINE
 * @param login the user to log in as, or empty
 * @param createdMillis when, in epoch milliseconds
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record InstanceRecord(
        InstanceId id,
        UUID uuid,
        String name,
        String template,
        MemorySize memory,
        int cpus,
        DiskSize disk,
        int sshPort,
        String login,
        long createdMillis) {

    /** Those of before there were names and sizes have neither. */
    InstanceRecord {
        name = InstanceName.orNone(name);
        disk = DiskSize.orTemplates(disk);
    }

    /** All a hypervisor needs to run it from this directory. */
    GuestSpec spec(Path directory, Template from, String bindAddress) {
        return new GuestSpec(id, uuid, directory, from, memory, cpus, bindAddress, sshPort, name, disk);
    }

    InstanceRecord withSshPort(int port) {
        return new InstanceRecord(id, uuid, name, template, memory, cpus, disk, port, login, createdMillis);
    }
}
