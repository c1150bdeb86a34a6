package io.kvmcloud.bench.speed;

import java.util.List;
import java.util.Map;

/**
 * What was measured with so many controllers.
 *
 * @param commands the floor and ours
 * @param idle percent of one processor, by program, while nobody asks
 * @param heap of the manager after a collection, in MiB
 * @param resident memory of the broker, in MiB
 * @param known seconds until a new manager knows all instances
 * @param knownUnderLoad the same while the broker and the processors are busy with the floor
 * @param cli calls of the command line
 */
record ScaleStep(
        int controllers,
        List<Comparison.Line> commands,
        Map<String, Double> idle,
        BrokerTotals totals,
        double heap,
        double resident,
        double known,
        double knownUnderLoad,
        Map<String, CliRun> cli) {

    /** Of one kind. */
    Comparison.Line commands(String who) {
        return commands.stream()
                .filter(line -> line.what().who().equals(who))
                .findFirst()
                .orElseThrow();
    }
}
