package io.kvmcloud.bench.chaos;

import io.kvmcloud.amqp.Requester;
import io.kvmcloud.messages.Command.ShowOp;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.OpStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The command that was answered last after it was asked: where it was meanwhile, and what was hurt. */
final class Slowest {

    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** Its sendings, the steps that are known of it, and the hurts, each with the seconds since it was first asked. */
    static List<String> of(Cloud cloud, List<Ask> asks, List<Faults.Hurt> hurts) {
        return asks.stream()
                .filter(Ask::acknowledged)
                .max(Comparator.comparing(Ask::took))
                .map(slowest -> lines(cloud, slowest, hurts))
                .orElse(List.of());
    }

    private static List<String> lines(Cloud cloud, Ask slowest, List<Faults.Hurt> hurts) {
        Instant began = slowest.ended().minus(slowest.took());
        Map<Instant, String> happened = new TreeMap<>();
        slowest.words()
                .forEach((when, words) ->
                        happened.put(when, "told: " + words.lines().findFirst().orElse("")));
        steps(cloud, slowest).forEach(step -> happened.put(step.at(), step.who() + ": " + step.what()));
        hurts.stream()
                .filter(hurt -> hurt.to().isAfter(began) && hurt.from().isBefore(slowest.ended()))
                .forEach(
                        hurt -> happened.put(hurt.from(), String.format("%s for %.1f s", hurt.what(), hurt.seconds())));
        List<String> lines = new ArrayList<>(List.of("slowest: " + slowest));
        happened.forEach((when, what) -> lines.add(
                String.format("%+6.1f s  %s", Duration.between(began, when).toMillis() / 1000.0, what)));
        return lines;
    }

    private static List<OpStep> steps(Cloud cloud, Ask slowest) {
        try (Wire wire = cloud.wire();
                Requester requester = Requester.open(cloud.operator(wire), "kvm-cli chaos", "kvm-chaos/1")) {
            return requester.ask(new ShowOp(slowest.requestId()), ANSWER).op().steps();
        } catch (CommandFailed unknown) {
            return List.of();
        }
    }

    private Slowest() {}
}
