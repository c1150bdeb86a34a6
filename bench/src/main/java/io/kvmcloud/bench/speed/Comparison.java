package io.kvmcloud.bench.speed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Samples of several things, one each a round, and what they come to beside the yardstick of the same round. */
final class Comparison {

    /** What was measured, with so many under way. */
    record Case(int outstanding, String who) {}

    /**
     * Medians of the rounds. The ratios are medians of each round's ratio, since a machine is as busy as it is in one round.
     *
     * @param best of all rounds: the one that was disturbed least
     */
    record Line(
            Case what,
            int rounds,
            double p50,
            double p99,
            double perSecond,
            double best,
            double p50Ratio,
            double perSecondRatio,
            Map<String, Double> cpu) {}

    private final String yardstick;
    private final Map<Case, List<Sample>> samples = new LinkedHashMap<>();

    /** @param yardstick what the others are compared with */
    Comparison(String yardstick) {
        this.yardstick = yardstick;
    }

    /** Another round's. */
    void add(Case what, Sample sample) {
        samples.computeIfAbsent(what, _ -> new ArrayList<>()).add(sample);
    }

    /** Of all that was added, in the order in which it first was. */
    List<Line> lines() {
        return samples.entrySet().stream()
                .map(entry -> line(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** The middle one, or the mean of the two in the middle. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private Line line(Case what, List<Sample> own) {
        List<Sample> floor = samples.getOrDefault(new Case(what.outstanding(), yardstick), own);
        Map<String, Double> cpu = new TreeMap<>();
        own.getFirst()
                .cpu()
                .keySet()
                .forEach(program ->
                        cpu.put(program, median(own, sample -> sample.cpu().getOrDefault(program, 0.0))));
        return new Line(
                what,
                own.size(),
                median(own, Sample::p50),
                median(own, Sample::p99),
                median(own, Sample::perSecond),
                own.stream().mapToDouble(Sample::perSecond).max().orElseThrow(),
                ratio(own, floor, Sample::p50),
                ratio(own, floor, Sample::perSecond),
                cpu);
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        return median(samples.stream().mapToDouble(figure).toArray());
    }

    private static double ratio(List<Sample> own, List<Sample> floor, ToDoubleFunction<Sample> figure) {
        double[] ratios = new double[Math.min(own.size(), floor.size())];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = figure.applyAsDouble(own.get(round)) / figure.applyAsDouble(floor.get(round));
        }
        return median(ratios);
    }
}
