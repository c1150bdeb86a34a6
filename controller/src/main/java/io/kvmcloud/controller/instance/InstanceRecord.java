package io.kvmcloud.controller.instance;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What is written down of an instance, {@code instance.json} in its directory. Whether it runs is not: that is asked of the
 * processes.
 *
 * @param uuid of the machine
 * @param template the name of what it was made from
 * @param sshPort leased to it, also while OFFLINE
 * @param login the user to log in as, or empty
 * @param createdMillis when, in epoch milliseconds
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record InstanceRecord(
        InstanceId id,
        UUID uuid,
        String template,
        MemorySize memory,
        int cpus,
        int sshPort,
        String login,
        long createdMillis) {

    /** All a hypervisor needs to run it from this directory. */
    GuestSpec spec(Path directory, Template from, String bindAddress) {
        return new GuestSpec(id, uuid, directory, from, memory, cpus, bindAddress, sshPort);
    }

    InstanceRecord withSshPort(int port) {
        return new InstanceRecord(id, uuid, template, memory, cpus, port, login, createdMillis);
    }
}
