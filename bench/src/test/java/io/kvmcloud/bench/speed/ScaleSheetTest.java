package io.kvmcloud.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScaleSheetTest {

    @Test
    void eachStepIsAColumnAndWhatAProgramNeedsAnywayIsNoCostOfACommand() {
        ScaleSheet sheet = new ScaleSheet(Map.of());
        sheet.add(step(1, 0));
        sheet.add(step(1000, 10));

        assertThat(sheet.sheet().markdown())
                .startsWith("| controllers | 1 | 1,000 |\n")
                .contains("| instances | 100 | 100,000 |\n")
                .contains("| `kill` of any: manager, CPU µs | 150 | 50 |\n")
                .contains("| the same beside the floor at full speed, s | 2.0 | 2.0 |\n")
                .contains("| `instances`, s | 0.50 | 0.50 |\n");
    }

    /** A thousand commands a second, of 150 µs each. */
    private static ScaleStep step(int controllers, double idle) {
        List<Comparison.Line> commands = Stream.of("floor", "kill", "kill on one host", "new and delete")
                .map(who -> new Comparison.Line(
                        new Comparison.Case(100, who), 1, 1, 1, 1000, 1000, 1, 1, Map.of("manager", 150.0)))
                .toList();
        CliRun run = new CliRun(0.5, 0.4, 101);
        return new ScaleStep(
                controllers,
                commands,
                Map.of("manager", idle),
                new BrokerTotals(1, 1, 1, 1, 0.5),
                15,
                400,
                1,
                2,
                Map.of("instances", run, "filtered", run, "names", run, "pattern", run));
    }
}
