package io.kvmcloud.messages;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RequestIdTest {

    private static final Instant NOW = Instant.parse("2026-11-22T18:30:00.123Z");

    @Test
    void anIdIsAUuidOfVersion7ThatCarriesItsTime() {
        UUID id = UUID.fromString(RequestId.next(at(NOW)));
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
    }

    @Test
    void laterIdsSortBehindEarlierOnes() {
        assertThat(RequestId.next(at(NOW))).isLessThan(RequestId.next(at(NOW.plusMillis(1))));
    }

    @Test
    void idsOfTheSameMomentDiffer() {
        Clock clock = at(NOW);
        assertThat(Stream.generate(() -> RequestId.next(clock)).limit(10_000)).doesNotHaveDuplicates();
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }
}
