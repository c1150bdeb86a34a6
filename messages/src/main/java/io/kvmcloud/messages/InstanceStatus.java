package io.kvmcloud.messages;

/** What an instance is doing, in the words people see. */
public enum InstanceStatus {
    /** Its disk exists, no QEMU runs. */
    OFFLINE,
    /** QEMU is being started. */
    STARTING,
    /** QEMU runs and the SSH port is forwarded. */
    ONLINE,
    /** QEMU runs, the guest's CPUs stand still. */
    PAUSED,
    /** The guest was asked to power down. */
    STOPPING,
    /** It cannot be started as it is; {@link InstanceView#note()} says why. */
    FAILED
}
