package io.kvmcloud.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kvmcloud.bench.speed.Comparison.Case;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private final Comparison comparison = new Comparison("floor");

    @Test
    void aRatioIsTheMedianOfWhatEachRoundSays() {
        round(sample(1, 1000), sample(2, 500));
        round(sample(10, 100), sample(12, 90)); // the machine was busy
        round(sample(2, 600), sample(3, 300));

        Comparison.Line ours = comparison.lines().getLast();
        assertThat(ours.p50Ratio()).isEqualTo(1.5);
        assertThat(ours.perSecondRatio()).isEqualTo(0.5);
        assertThat(ours.p50()).isEqualTo(3);
        assertThat(ours.best()).isEqualTo(500);
    }

    @Test
    void theYardstickOfAnotherNumberUnderWayIsNotCompared() {
        comparison.add(new Case(1, "floor"), sample(1, 1000));
        comparison.add(new Case(100, "floor"), sample(10, 4000));
        comparison.add(new Case(100, "ours"), sample(20, 2000));

        assertThat(comparison.lines().stream().map(Comparison.Line::p50Ratio)).containsExactly(1.0, 1.0, 2.0);
    }

    @Test
    void ofTwoRoundsTheMeanCounts() {
        assertThat(Comparison.median(new double[] {3, 1})).isEqualTo(2);
    }

    @Test
    void aPercentileIsTheSmallestThatSoManyDoNotExceed() {
        long[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        assertThat(List.of(1, 50, 51, 99, 100).stream().map(percent -> Sample.percentile(sorted, percent)))
                .containsExactly(1L, 5L, 6L, 10L, 10L);
    }

    @Test
    void aSampleCountsWhatWasAnsweredInItsTime() {
        long[] nanos = {3_000_000, 1_000_000, 2_000_000, 4_000_000};
        Sample sample = Sample.of(nanos, Duration.ofMillis(500), Map.of("broker", Duration.ofMillis(8)));
        assertThat(sample.count()).isEqualTo(4);
        assertThat(sample.perSecond()).isCloseTo(8, within(1e-9));
        assertThat(sample.p50()).isEqualTo(2);
        assertThat(sample.p99()).isEqualTo(4);
        assertThat(sample.cpu()).containsEntry("broker", 2000.0);
    }

    @Test
    void aMeasurementInWhichNothingWasAnsweredIsNone() {
        assertThatThrownBy(() -> Sample.of(new long[0], Duration.ofSeconds(1), Map.of()))
                .hasMessage("nothing was answered within 1000 ms");
    }

    private void round(Sample floor, Sample ours) {
        comparison.add(new Case(1, "floor"), floor);
        comparison.add(new Case(1, "ours"), ours);
    }

    private static Sample sample(double p50, double perSecond) {
        return new Sample(1, perSecond, p50, p50 * 2, Map.of());
    }
}
