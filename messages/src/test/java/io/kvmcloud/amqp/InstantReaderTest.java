package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstantReaderTest {

    @Test
    void whatInstantsAreWrittenAsIsReadAsWhatTheyWere() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            long digits = (long) Math.pow(10, random.nextInt(10));
            Instant instant = Instant.ofEpochSecond(
                    random.nextLong(0, 253_402_300_800L), random.nextInt(1_000_000_000) / digits * digits);
            assertThat(InstantReader.inUtc(instant.toString())).isEqualTo(instant);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "2026-11-26",
                "2026-11-26T13:04:23",
                "2026-11-26T13:04:23.Z",
                "2026-11-26T13:04:23,5Z",
                "2026-11-26T13:04:23.1234567890Z",
                "2026-11-26T13:04:23.12x4Z",
                "2026-11-26 13:04:23Z",
                "2026-11-26T13:04:23+01:00",
                "+2026-11-26T13:04:23Z",
                "20a6-11-26T13:04:23Z",
                "2026-11-26T24:00:00Z",
                "2026-12-31T23:59:60Z",
            })
    void anotherFormIsLeftToWhoKnowsThemAll(String text) {
        assertThat(InstantReader.inUtc(text)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2026-13-26T13:04:23Z", "2026-02-30T13:04:23Z", "2026-11-26T13:60:23Z", "0000-00-00T00:00:00Z"})
    void whatIsNoTimeIsRefused(String text) {
        assertThatThrownBy(() -> InstantReader.inUtc(text)).isInstanceOf(DateTimeException.class);
    }
}
