package io.kvmcloud.messages;

import java.time.Instant;

/**
 * An instance as its controller sees it.
 *
 * @param template what it was made from
 * @param cpus virtual CPUs
 * @param sshPort the host's TCP port that leads to the guest's port 22 while it is ONLINE; leased to it also while OFFLINE
 * @param address the host name or IP address at which clients reach that port
 * @param login the user name to log in with, or empty when the template does not say
 * @param created when {@code new} was carried out
 * @param note why it is FAILED, or anything else worth reading; mostly empty
 * @param boot how it came up, while it runs
 */
public record InstanceView(
        InstanceId id,
        String template,
        MemorySize memory,
        int cpus,
        int sshPort,
        String address,
        String login,
        InstanceStatus status,
        Instant created,
        String note,
        BootReport boot) {

    /** One that does not run. */
    public InstanceView(
            InstanceId id,
            String template,
            MemorySize memory,
            int cpus,
            int sshPort,
            String address,
            String login,
            InstanceStatus status,
            Instant created,
            String note) {
        this(id, template, memory, cpus, sshPort, address, login, status, created, note, BootReport.NONE);
    }
}
