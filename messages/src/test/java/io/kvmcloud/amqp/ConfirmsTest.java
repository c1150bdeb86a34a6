package io.kvmcloud.amqp;

import static io.kvmcloud.amqp.ChannelLoop.Outcome.CONFIRMED;
import static io.kvmcloud.amqp.ChannelLoop.Outcome.REFUSED;
import static io.kvmcloud.amqp.ChannelLoop.Outcome.UNROUTABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.ChannelLoop.Outcome;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConfirmsTest {

    private final Confirms confirms = new Confirms();
    private final Map<Long, Outcome> told = new TreeMap<>();

    @Test
    void aSingleWordIsAboutOnePublish() {
        owe(3);
        confirms.settle(2, false, CONFIRMED);
        assertThat(told).containsExactly(Map.entry(2L, CONFIRMED));
    }

    @Test
    void aMultipleWordIsAboutAllUpToThatPublish() {
        owe(3);
        confirms.settle(2, true, REFUSED);
        assertThat(told).containsExactly(Map.entry(1L, REFUSED), Map.entry(2L, REFUSED));
    }

    @Test
    void nothingIsToldTwice() {
        owe(2);
        confirms.settle(1, false, CONFIRMED);
        confirms.settle(1, false, REFUSED);
        confirms.settle(2, true, REFUSED);
        assertThat(told).containsExactly(Map.entry(1L, CONFIRMED), Map.entry(2L, REFUSED));
    }

    @Test
    void whatCameBackIsUnroutableThoughItIsConfirmed() {
        owe(3);
        confirms.cameBack(2);
        confirms.settle(3, true, CONFIRMED);
        assertThat(told).containsExactly(Map.entry(1L, CONFIRMED), Map.entry(2L, UNROUTABLE), Map.entry(3L, CONFIRMED));
    }

    @Test
    void whoIsToldMayPublishAgainAtOnce() {
        confirms.owe(1, outcome -> confirms.owe(2, again -> told.put(2L, again)));
        confirms.settle(1, true, CONFIRMED);
        confirms.settle(2, true, CONFIRMED);
        assertThat(told).containsExactly(Map.entry(2L, CONFIRMED));
    }

    private void owe(int count) {
        for (long sequence = 1; sequence <= count; sequence++) {
            long number = sequence;
            confirms.owe(number, outcome -> told.put(number, outcome));
        }
    }
}
