package io.kvmcloud.cli;

import io.kvmcloud.cli.TopFrame.TopHost;
import io.kvmcloud.cli.TopFrame.TopInstance;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.GuestUse;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.Reply.HostMeasured;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks at the cloud again and again: how busy a guest was is what its processor time has grown by since the look before. */
final class TopGauge {

    /** Who looks at a screen wants the next picture soon, with whoever answers. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** What a guest had used when its host looked. */
    private record Used(Instant at, GuestUse use) {}

    private final Cloud cloud;
    private Map<InstanceId, Used> before = Map.of();

    TopGauge(Cloud cloud) {
        this.cloud = cloud;
    }

    /** @throws CommandFailed when no manager answers; a host that does not is in the frame as what it is */
    TopFrame look() {
        List<ControllerRow> controllers = cloud.controllersWithin(PATIENCE);
        List<InstanceRow> instances = cloud.instancesWithin(PATIENCE);
        Map<ControllerName, HostMeasured> measured = cloud.measure(controllers.stream()
                .filter(ControllerRow::reachable)
                .map(row -> row.controller().name())
                .toList());
        Map<InstanceId, Used> now = new HashMap<>();
        measured.values().forEach(host -> host.guests().forEach(use -> now.put(use.id(), new Used(host.at(), use))));
        TopFrame frame = new TopFrame(
                Instant.now(),
                controllers.stream()
                        .map(row -> host(row, measured.get(row.controller().name())))
                        .toList(),
                instances.stream()
                        .map(row -> instance(row, now.get(row.instance().id())))
                        .sorted(Comparator.comparingDouble(TopInstance::cpuPercent)
                                .thenComparingLong(TopInstance::residentMebibytes)
                                .reversed()
                                .thenComparing(TopInstance::id))
                        .toList());
        before = now;
        return frame;
    }

    private static TopHost host(ControllerRow row, @Nullable HostMeasured measured) {
        Capacity capacity = row.controller().capacity();
        return new TopHost(
                row.controller().name().value(),
                ControllersCommand.status(row),
                row.controller().accelerator(),
                measured != null && measured.load() >= 0,
                measured == null ? 0 : Math.max(0, measured.load()),
                measured == null ? 0 : measured.processors(),
                capacity.memoryMebibytes(),
                capacity.memoryUsedMebibytes(),
                capacity.cpus(),
                capacity.cpusUsed(),
                capacity.instances(),
                row.ageSeconds());
    }

    private TopInstance instance(InstanceRow row, @Nullable Used now) {
        return new TopInstance(
                row.instance().id().toString(),
                row.instance().name(),
                InstancesCommand.bareStatus(row),
                now != null,
                now == null ? 0 : percent(before.get(row.instance().id()), now),
                now == null ? 0 : now.use.residentMebibytes(),
                row.instance().memory().mebibytes(),
                row.instance().cpus());
    }

    /** Of one that was not there before, or has been started anew, it is not known yet. */
    private static double percent(@Nullable Used before, Used now) {
        if (before == null) {
            return 0;
        }
        long millis = Duration.between(before.at, now.at).toMillis();
        long used = now.use.cpuMillis() - before.use.cpuMillis();
        return millis <= 0 || used <= 0 ? 0 : Math.round(used * 1000.0 / millis) / 10.0;
    }
}
