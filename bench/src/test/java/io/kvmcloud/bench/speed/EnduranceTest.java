package io.kvmcloud.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EnduranceTest {

    @Test
    void aSlopeIsThatOfTheStraightLine() {
        assertThat(Endurance.slope(new double[] {0, 1, 2, 3}, new double[] {5, 7, 9, 11}))
                .isCloseTo(2, within(1e-9));
        assertThat(Endurance.slope(new double[] {0, 1, 2}, new double[] {4, 4, 4}))
                .isCloseTo(0, within(1e-9));
    }
}
