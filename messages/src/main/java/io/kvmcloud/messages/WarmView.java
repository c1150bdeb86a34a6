package io.kvmcloud.messages;

/**
 * A guest that has booted and is kept by a controller to be copied: for one size of a template's instances.
 *
 * @param template its name
 * @param cpus virtual CPUs
 * @param bytes its files have
 */
public record WarmView(String template, MemorySize memory, int cpus, long bytes) {}
