package io.kvmcloud.messages;

/**
 * What a controller may give away and what it has given; every instance counts until it is deleted, also while OFFLINE,
 * so that {@code run} never fails for want of memory.
 *
 * @param memoryMebibytes all it may give, in MiB
 * @param memoryUsedMebibytes given to instances, in MiB
 * @param cpus all virtual CPUs it may give
 * @param cpusUsed given to instances
 * @param instances how many there are
 * @param draining whether it is given no new ones, whatever it has left; null, of a controller that cannot tell, is false
 */
public record Capacity(
        long memoryMebibytes, long memoryUsedMebibytes, int cpus, int cpusUsed, int instances, Boolean draining) {

    /** As a controller of the release before tells of itself. */
    public Capacity {
        draining = draining != null && draining;
    }

    /** That of one which takes instances. */
    public Capacity(long memoryMebibytes, long memoryUsedMebibytes, int cpus, int cpusUsed, int instances) {
        this(memoryMebibytes, memoryUsedMebibytes, cpus, cpusUsed, instances, false);
    }

    /** Memory left, in MiB; never negative. */
    public long memoryFree() {
        return Math.max(0, memoryMebibytes - memoryUsedMebibytes);
    }

    /** Virtual CPUs left; never negative. */
    public int cpusFree() {
        return Math.max(0, cpus - cpusUsed);
    }
}
