package io.kvmcloud.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvmcloud.bench.speed.Bench.Effort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shortest {@code dev/bench rpc}; what it finds is no test's business. That a cloud is hurt and survives, which failover and
 * soak are made of, is ChaosIT's.
 */
class BenchIT {

    private static final Path ROOT = Path.of(System.getProperty("kvm.root"));
    private static final Effort SHORT = new Effort(1, Duration.ofMillis(300));

    @TempDir
    private Path scratch;

    @Test
    void aCommandsWayIsMeasuredBesideTheRelay() throws IOException {
        JsonNode found = found(Rpc.measure(ROOT, SHORT, false));

        assertThat(found.path("rows"))
                .extracting(row -> row.path("path").asText())
                .contains("floor", "KVM-cloud", "KVM-cloud, new", "KVM-cloud, 100 new");
        assertThat(found.path("rows"))
                .allSatisfy(row -> assertThat(row.path("per_s").asDouble()).isPositive());
        assertThat(found.path("fsyncs of 100 new").asText()).matches("the journal's [1-9]\\d*, of .* \\d+");
    }

    private JsonNode found(Sheet sheet) throws IOException {
        Path file = scratch.resolve("sheet.json");
        sheet.write(file);
        return new ObjectMapper().readTree(Files.readString(file));
    }
}
