package io.kvmcloud.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bench can fail: controllers that do not know a request again carry it out again. */
class ForgetfulCloudIT {

    @Test
    void aCloudWithoutDedupeIsCaught(@TempDir Path overlay) throws Exception {
        Result result = ChaosIT.run(Duration.ofSeconds(12), List.of(ForgetfulJournal.writeInto(overlay)));
        Run.delete(result.scratch());

        assertThat(result.count(Problem.Kind.DOUBLED)).as(result.line()).isPositive();
    }
}
