package io.kvmcloud.messages;

/**
 * What the QEMU of an instance uses, as its host's kernel counts.
 *
 * @param cpuMillis processor time since it was started, of all its threads
 * @param residentMebibytes its memory on the host, in MiB; what copies share is counted for each
 */
public record GuestUse(InstanceId id, long cpuMillis, long residentMebibytes) {}
