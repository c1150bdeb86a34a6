package io.kvmcloud.bench.speed;

import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.speed.Bench.Effort;
import io.kvmcloud.bench.speed.Comparison.Case;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A command's way, from the client's library through manager and controller and back: {@code kill} of an instance that is
 * OFFLINE, which is journalled like any other and changes nothing, and {@link Creations}. Beside it the {@link Floor} and,
 * where it is installed, oslo.messaging's RPC over two hops.
 */
final class Rpc {

    private static final String FLOOR = "floor";
    private static final List<String> PROGRAMS = List.of("client", "manager", "controller", "broker");
    private static final List<String> HEADER = List.of(
            "outstanding",
            "path",
            "p50 ms",
            "p99 ms",
            "per s",
            "p50 ÷ floor",
            "per s ÷ floor",
            "CPU µs each: " + String.join(" + ", PROGRAMS));
    private static final int INSTANCES = 10;
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int[] OUTSTANDING = {1, 100};

    /** So many {@code new} at a time. */
    private static final int NEW = 100;

    /** So many in all: enough that instances pile up; not for a time, in which a slow cloud would have fewer of them. */
    private static final int NEW_FOR_EACH_SECOND = 1000;

    private Rpc() {}

    static Sheet measure(Path root, Effort effort, boolean profile) throws IOException {
        try (Lab lab = new Lab(root, profile)) {
            lab.start();
            try (Requester requester = lab.requester();
                    Floor floor = new Floor(lab);
                    Oslo oslo = Oslo.open(lab, root)) {
                List<InstanceId> instances = instances(requester);
                Map<String, Supplier<Duration>> cpu = cpu(lab);
                Creations creations = new Creations(lab, requester);
                List<Creations.Burst> bursts = new ArrayList<>();
                int many =
                        Math.max(NEW, (int) (NEW_FOR_EACH_SECOND * effort.each().toMillis() / 1000));
                creations.measure(NEW, many, cpu);
                Map<String, String> conditions = Conditions.now(lab.brokerVersion());
                Comparison comparison = new Comparison(FLOOR);
                for (int outstanding : OUTSTANDING) {
                    floor.measure(outstanding, effort.warmUp());
                    ours(cpu, requester, instances, outstanding, effort.warmUp());
                }
                for (int round = 1; round <= effort.rounds(); round++) {
                    for (int outstanding : OUTSTANDING) {
                        Map<String, Sample> one = new LinkedHashMap<>();
                        one.put(FLOOR, floor.measure(outstanding, effort));
                        one.put("KVM-cloud", ours(cpu, requester, instances, outstanding, effort));
                        if (outstanding == NEW) {
                            bursts.add(creations.measure(NEW, NEW, cpu));
                            one.put("KVM-cloud, 100 new", bursts.getLast().sample());
                            one.put(
                                    "KVM-cloud, new",
                                    creations.measure(NEW, many, cpu).sample());
                        }
                        oslo.measure(outstanding, effort).ifPresent(sample -> one.put("oslo.messaging", sample));
                        one.forEach((who, sample) -> comparison.add(new Case(outstanding, who), sample));
                        say(round, outstanding, one);
                    }
                }
                conditions.put("fsyncs of " + NEW + " new", fsyncs(bursts));
                return sheet(comparison, conditions);
            }
        }
    }

    private static String fsyncs(List<Creations.Burst> bursts) {
        return "the journal's " + median(bursts, Creations.Burst::journal) + ", of records and directories "
                + median(bursts, Creations.Burst::others);
    }

    private static long median(List<Creations.Burst> bursts, ToDoubleFunction<Creations.Burst> figure) {
        return Math.round(Comparison.median(bursts.stream().mapToDouble(figure).toArray()));
    }

    private static void say(int round, int outstanding, Map<String, Sample> one) {
        StringBuilder line = new StringBuilder("round " + round + ", " + outstanding + " outstanding:");
        one.forEach((who, sample) -> line.append(
                String.format(Locale.ROOT, "  %s %.2f ms, %.0f /s", who, sample.p50(), sample.perSecond())));
        System.err.println(line);
    }

    private static Sheet sheet(Comparison comparison, Map<String, String> conditions) {
        Sheet sheet = new Sheet("rpc", conditions, HEADER);
        for (Comparison.Line line : comparison.lines()) {
            String cpu = PROGRAMS.stream()
                    .map(program -> line.cpu().get(program))
                    .map(micros -> micros == null ? "-" : Long.toString(Math.round(micros)))
                    .collect(Collectors.joining(" + "));
            sheet.add(
                    List.of(
                            Integer.toString(line.what().outstanding()),
                            line.what().who(),
                            figure(line.p50()),
                            figure(line.p99()),
                            Long.toString(Math.round(line.perSecond())),
                            figure(line.p50Ratio()),
                            figure(line.perSecondRatio()),
                            cpu),
                    figures(line));
        }
        return sheet;
    }

    private static Map<String, Object> figures(Comparison.Line line) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("outstanding", line.what().outstanding());
        figures.put("path", line.what().who());
        figures.put("rounds", line.rounds());
        figures.put("p50_ms", line.p50());
        figures.put("p99_ms", line.p99());
        figures.put("per_s", line.perSecond());
        figures.put("best_per_s", line.best());
        figures.put("p50_by_floor", line.p50Ratio());
        figures.put("per_s_by_floor", line.perSecondRatio());
        figures.put("cpu_us", line.cpu());
        return figures;
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static List<InstanceId> instances(Requester requester) {
        List<InstanceId> made = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            NewInstance one = new NewInstance(Lab.TEMPLATE, MemorySize.ofMebibytes(64), 1, List.of());
            made.add(requester.ask(one, DEADLINE).instance().id());
        }
        return made;
    }

    private static Map<String, Supplier<Duration>> cpu(Lab lab) {
        return Map.of(
                "client", Meter::own,
                "manager", lab.manager()::cpu,
                "controller", lab.controller()::cpu,
                "broker", lab.node()::cpu);
    }

    private static Sample ours(
            Map<String, Supplier<Duration>> cpu,
            Requester requester,
            List<InstanceId> instances,
            int outstanding,
            Effort effort) {
        return Askers.measure(
                outstanding,
                number -> requester.ask(new KillInstance(instances.get(number % INSTANCES)), DEADLINE),
                effort,
                cpu);
    }
}
