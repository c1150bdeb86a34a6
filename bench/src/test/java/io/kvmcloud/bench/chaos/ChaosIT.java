package io.kvmcloud.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The short form of {@code dev/chaos}. */
class ChaosIT {

    private static final long SEED = 1;

    @Test
    void everyCommandHasOneEffectThoughEverythingIsHurt() throws Exception {
        Result result = run(Duration.ofSeconds(20), List.of());

        assertThat(result.problems()).as(result.line()).isEmpty();
        assertThat(result.faults()).containsOnlyKeys(Faults.Kind.values());
        assertThat(result.acknowledged()).isGreaterThan(20);
    }

    /** A run of this length, with these before the controllers' own classes; for {@link ForgetfulCloudIT} too. */
    static Result run(Duration duration, List<Path> overlay) throws Exception {
        Result result = Run.of(new Plan(duration, SEED, 16, 1, Path.of(System.getProperty("kvm.root")), overlay));
        System.out.println(result.line());
        result.problems().stream().limit(20).forEach(problem -> System.out.println("  " + problem));
        return result;
    }
}
