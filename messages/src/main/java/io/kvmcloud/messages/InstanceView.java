package io.kvmcloud.messages;

import java.time.Instant;
import java.util.List;

/**
 * An instance as its controller sees it.
 *
 * @param name an {@link InstanceName}, or empty; null is empty
 * @param template what it was made from
 * @param cpus virtual CPUs
 * @param disk how large its guest sees its disk; null, of a controller that does not tell, is {@link DiskSize#OF_TEMPLATE}
 * @param sshPort the host's TCP port that leads to the guest's port 22 while it is ONLINE; leased to it also while OFFLINE
 * @param address the host name or IP address at which clients reach that port
 * @param login the user name to log in with, or empty when the template does not say
 * @param created when {@code new} was carried out
 * @param note why it is FAILED, or anything else worth reading; mostly empty
 * @param boot how it came up, while it runs
 * @param forwards ports of the host that lead to it beside the one for SSH; null is none
 * @param diskMillis how long its disk took to make; 0 and null when nobody knows
 */
public record InstanceView(
        InstanceId id,
        String name,
        String template,
        MemorySize memory,
        int cpus,
        DiskSize disk,
        int sshPort,
        String address,
        String login,
        InstanceStatus status,
        Instant created,
        String note,
        BootReport boot,
        List<Forward> forwards,
        Integer diskMillis) {

    /** @throws IllegalArgumentException when the name is none; a controller of the release before says less */
    public InstanceView {
        forwards = forwards == null ? List.of() : List.copyOf(forwards);
        diskMillis = diskMillis == null ? 0 : diskMillis;
        name = InstanceName.orNone(name);
        disk = DiskSize.orTemplates(disk);
    }

    /** One without a name that does not run. */
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
        this(
                id,
                "",
                template,
                memory,
                cpus,
                DiskSize.OF_TEMPLATE,
                sshPort,
                address,
                login,
                status,
                created,
                note,
                BootReport.NONE,
                List.of(),
                0);
    }
}
