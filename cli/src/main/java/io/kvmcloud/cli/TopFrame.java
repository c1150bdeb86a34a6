package io.kvmcloud.cli;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What there was to see at one moment.
 *
 * @param hosts ordered by name
 * @param instances the busiest first
 */
record TopFrame(Instant at, List<TopHost> hosts, List<TopInstance> instances) {

    /**
     * A controller.
     *
     * @param status {@code UP}, {@code DRAINING} or {@code UNREACHABLE}
     * @param measured whether it has told its load just now
     * @param load processes that have wanted a processor in the last minute; 0 when not measured
     * @param processors of the host; 0 when not measured
     * @param memoryMebibytes what it may give to instances
     * @param memoryUsedMebibytes what it has given
     * @param ageSeconds since it was last heard of
     */
    record TopHost(
            String name,
            String status,
            String accelerator,
            boolean measured,
            double load,
            int processors,
            long memoryMebibytes,
            long memoryUsedMebibytes,
            int cpus,
            int cpusUsed,
            int instances,
            double ageSeconds) {

        static Columns<TopHost> columns() {
            return new Columns<TopHost>()
                    .with("name", "host", TopHost::name)
                    .with("load", "load", TopHost::load, host -> host.measured ? TopFrame.decimal(host.load, 2) : "")
                    .with(
                            "memory",
                            "RAM given",
                            TopHost::memoryUsedMebibytes,
                            host -> host.memoryUsedMebibytes + "/" + host.memoryMebibytes)
                    .with("cpus", "CPUs given", TopHost::cpusUsed, host -> host.cpusUsed + "/" + host.cpus)
                    .with("accelerator", "accel", TopHost::accelerator)
                    .with(
                            "status",
                            "status",
                            TopHost::status,
                            host -> host.status.equals(InstancesCommand.UNREACHABLE)
                                    ? InstancesCommand.unreachable(host.ageSeconds)
                                    : host.status);
        }
    }

    /**
     * An instance.
     *
     * @param measured whether its host has told what it uses just now; only of one that runs
     * @param cpuPercent of one processor of the host, so that four busy ones are 400; 0 when not measured
     * @param residentMebibytes its QEMU's memory on the host; 0 when not measured
     * @param memory what it was given, in MiB
     */
    record TopInstance(
            String id,
            String name,
            String status,
            boolean measured,
            double cpuPercent,
            long residentMebibytes,
            long memory,
            int cpus) {

        static Columns<TopInstance> columns() {
            return new Columns<TopInstance>()
                    .with("id", "ID", TopInstance::id)
                    .given("name", "name", TopInstance::name)
                    .with(
                            "cpuPercent",
                            "CPU%",
                            TopInstance::cpuPercent,
                            one -> one.measured ? TopFrame.decimal(one.cpuPercent, 1) : "")
                    .with(
                            "residentMebibytes",
                            "RSS",
                            TopInstance::residentMebibytes,
                            one -> one.measured ? Long.toString(one.residentMebibytes) : "")
                    .with("memory", "RAM", TopInstance::memory)
                    .with("cpus", "CPUs", TopInstance::cpus)
                    .with("status", "status", TopInstance::status);
        }
    }

    private static String decimal(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
