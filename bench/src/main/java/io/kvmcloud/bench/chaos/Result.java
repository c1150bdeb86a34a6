package io.kvmcloud.bench.chaos;

import io.kvmcloud.bench.chaos.Faults.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What came of a run.
 *
 * @param asks all that clients asked
 * @param faults how often each was done
 * @param outages of a cluster's nodes
 * @param took how long faults went on
 * @param slowest what the slowest command waited for
 * @param problems none when the cloud kept its promise
 * @param scratch where logs, disks and journals are; gone when there are no problems
 */
record Result(
        Plan plan,
        List<Ask> asks,
        Map<Kind, Integer> faults,
        List<Outage> outages,
        Duration took,
        List<String> slowest,
        List<Problem> problems,
        Path scratch) {

    boolean clean() {
        return problems.isEmpty();
    }

    long count(Problem.Kind kind) {
        return problems.stream().filter(problem -> problem.kind() == kind).count();
    }

    long acknowledged() {
        return asks.stream().filter(Ask::acknowledged).count();
    }

    /** All figures on one line. */
    String line() {
        Duration longest = asks.stream()
                .filter(Ask::acknowledged)
                .map(Ask::took)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        long askedAgain = asks.stream().filter(ask -> ask.sendings() > 1).count();
        return String.format(
                "chaos%s seed %d: %d commands, %d acknowledged, %d asked again; %s; %s; %s in %d:%02d min;"
                        + " slowest answer %.1f s%s; %s",
                plan.nodes() > 1 ? " --cluster" : "",
                plan.seed(),
                asks.size(),
                acknowledged(),
                askedAgain,
                hits("KILL_", "kills"),
                hits("STOP_", "stops"),
                hits("CUT_", "cuts"),
                took.toMinutes(),
                took.toSecondsPart(),
                longest.toMillis() / 1000.0,
                outages.isEmpty()
                        ? ""
                        : String.format(
                                ", longest pause with a node down %.1f s",
                                Outage.longestPause(outages, asks).toMillis() / 1000.0),
                Stream.of(Problem.Kind.values())
                        .map(kind -> count(kind) + " " + kind.word())
                        .collect(Collectors.joining(", ")));
    }

    private String hits(String prefix, String word) {
        int all = 0;
        StringBuilder each = new StringBuilder();
        for (Kind kind : Kind.values()) {
            if (kind.name().startsWith(prefix)) {
                int count = Objects.requireNonNullElse(faults.get(kind), 0);
                all += count;
                each.append(each.isEmpty() ? "" : ", ")
                        .append(count)
                        .append(' ')
                        .append(kind.target());
            }
        }
        return all + " " + word + " (" + each + ")";
    }
}
