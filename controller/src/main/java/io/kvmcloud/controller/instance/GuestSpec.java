package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * All a hypervisor needs to know to run an instance.
 *
 * @param uuid of the machine; a running guest is recognised by it
 * @param directory the instance's own; disk, seed, sockets, pid file and logs are in it and nowhere else
 * @param template whose boot it uses; its disk is the backing file of the overlay
 * @param bindAddress the host address that forwards SSH
 * @param sshPort the host's port that leads to the guest's port 22
 * @param name what people call it, or empty
 * @param disk how large its disk is, where that is more than the template's
 * @param forwards other ports of the host that lead to the guest
 */
public record GuestSpec(
        InstanceId id,
        UUID uuid,
        Path directory,
        Template template,
        MemorySize memory,
        int cpus,
        String bindAddress,
        int sshPort,
        String name,
        DiskSize disk,
        List<Forward> forwards) {

    /** One without a name, on a disk as large as the template's, of which only SSH is reached. */
    public GuestSpec(
            InstanceId id,
            UUID uuid,
            Path directory,
            Template template,
            MemorySize memory,
            int cpus,
            String bindAddress,
            int sshPort) {
        this(id, uuid, directory, template, memory, cpus, bindAddress, sshPort, "", DiskSize.OF_TEMPLATE, List.of());
    }

    /** What the guest calls itself: its name, or {@code s2-2000}. */
    public String hostname() {
        return name.isEmpty() ? id.controller() + "-" + id.number() : name;
    }
}
