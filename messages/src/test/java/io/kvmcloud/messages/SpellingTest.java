package io.kvmcloud.messages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {

    private static final List<String> KNOWN = List.of("cirros", "debian", "micro", "s1", "s2", "instances");

    @ParameterizedTest
    @CsvSource({"mirco, micro", "cirrus, cirros", "debain, debian", "instance, instances", "s3, s1", "micr, micro"})
    void theNearestWordIsMeant(String typed, String meant) {
        assertThat(Spelling.nearest(typed, KNOWN)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"windows", "x", "''", "macro-micro-macro"})
    void aWordThatIsNothingLikeTheOthersIsNotGuessed(String typed) {
        assertThat(Spelling.nearest(typed, List.of("cirros", "debian", "micro", "instances")))
                .isEmpty();
    }

    @Test
    void anEndlessWordCostsNothing() {
        assertThat(Spelling.nearest("m".repeat(1_000_000), KNOWN)).isEmpty();
    }
}
