package io.kvmcloud.bench.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A time in which one node of a cluster was down. */
record Outage(String node, Instant from, Instant to) {

    /** The longest time within it in which nothing was acknowledged. */
    Duration pause(List<Ask> asks) {
        List<Instant> moments = Stream.concat(
                        Stream.of(from, to),
                        asks.stream()
                                .filter(Ask::acknowledged)
                                .map(Ask::ended)
                                .filter(ended -> ended.isAfter(from) && ended.isBefore(to)))
                .sorted()
                .toList();
        Duration longest = Duration.ZERO;
        for (int i = 1; i < moments.size(); i++) {
            Duration pause = Duration.between(moments.get(i - 1), moments.get(i));
            longest = pause.compareTo(longest) > 0 ? pause : longest;
        }
        return longest;
    }

    /** The longest of all; zero when there were none. */
    static Duration longestPause(List<Outage> outages, List<Ask> asks) {
        return outages.stream()
                .map(outage -> outage.pause(asks))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }
}
