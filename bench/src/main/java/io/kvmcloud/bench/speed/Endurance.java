package io.kvmcloud.bench.speed;

import io.kvmcloud.bench.chaos.Failover;
import io.kvmcloud.bench.chaos.Soak;
import io.kvmcloud.bench.speed.Bench.Effort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Tables of what a cloud does when parts of it die, and when nothing happens to it for long. */
final class Endurance {

    private static final List<String> FAILOVER_HEADER = List.of(
            "killed and started again", "n", "port open, ms", "first command flows, ms", "all flow, ms: median", "max");
    private static final List<String> SOAK_HEADER = List.of("what", "at the start", "at the end", "an hour more");

    private Endurance() {}

    /** @throws IllegalStateException when something was lost or doubled */
    static Sheet failover(Path root, Effort effort) throws IOException {
        Failover.Report report = Failover.measure(root, effort.rounds(), effort.each());
        Map<String, String> conditions = Conditions.now(report.broker());
        conditions.put("commands answered", Long.toString(report.commands()));
        requireNone(report.problems());
        Sheet sheet = new Sheet("failover", conditions, FAILOVER_HEADER);
        for (Failover.Fault fault : Failover.Fault.values()) {
            List<Failover.Cost> costs = report.costs().stream()
                    .filter(cost -> cost.fault() == fault)
                    .toList();
            double[] all = millis(costs, Failover.Cost::all);
            double there = Comparison.median(millis(costs, Failover.Cost::there));
            double first = Comparison.median(millis(costs, Failover.Cost::first));
            double most = Arrays.stream(all).max().orElseThrow();
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("fault", fault.name());
            figures.put("costs", costs);
            sheet.add(
                    List.of(
                            fault.toString(),
                            Integer.toString(costs.size()),
                            there == 0 ? "-" : whole(there),
                            whole(first),
                            whole(Comparison.median(all)),
                            whole(most)),
                    figures);
        }
        return sheet;
    }

    /** @throws IllegalStateException when something was lost or doubled */
    static Sheet soak(Path root, Duration length) throws IOException {
        Soak.Report report = Soak.measure(root, length);
        Map<String, String> conditions = Conditions.now(report.broker());
        conditions.put("commands answered", Long.toString(report.commands()));
        requireNone(report.problems());
        Sheet sheet = new Sheet("soak", conditions, SOAK_HEADER);
        List<Soak.Moment> moments = report.moments();
        for (String what : moments.getFirst().held().keySet()) {
            double[] hours = moments.stream()
                    .mapToDouble(moment -> moment.since().toMillis() / 3.6e6)
                    .toArray();
            double[] held = moments.stream()
                    .mapToDouble(moment -> moment.held().getOrDefault(what, Double.NaN))
                    .toArray();
            int part = Math.max(1, held.length / 4);
            double start = Comparison.median(Arrays.copyOf(held, part));
            double end = Comparison.median(Arrays.copyOfRange(held, held.length - part, held.length));
            double slope = slope(hours, held);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("what", what);
            figures.put("start", start);
            figures.put("end", end);
            figures.put("per_hour", slope);
            figures.put("hours", hours);
            figures.put("held", held);
            sheet.add(List.of(what, figure(start), figure(end), String.format(Locale.ROOT, "%+.1f", slope)), figures);
        }
        return sheet;
    }

    /** Of the straight line that fits best (least squares). */
    static double slope(double[] x, double[] y) {
        double meanX = Arrays.stream(x).average().orElseThrow();
        double meanY = Arrays.stream(y).average().orElseThrow();
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < x.length; i++) {
            covariance += (x[i] - meanX) * (y[i] - meanY);
            variance += (x[i] - meanX) * (x[i] - meanX);
        }
        return covariance / variance;
    }

    private static void requireNone(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new IllegalStateException("not every command had one effect: " + String.join("; ", problems));
        }
    }

    private static double[] millis(List<Failover.Cost> costs, ToLongFunction<Failover.Cost> what) {
        return costs.stream().mapToDouble(what::applyAsLong).toArray();
    }

    private static String whole(double value) {
        return Long.toString(Math.round(value));
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
