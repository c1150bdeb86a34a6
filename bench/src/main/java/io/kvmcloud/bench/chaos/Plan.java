package io.kvmcloud.bench.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a run is to be.
 *
 * @param duration how long faults and commands go on; starting before and settling afterwards come on top
 * @param seed of every random choice
 * @param clients how many ask at the same time
 * @param nodes of the broker: 1, or 3 for a cluster
 * @param root of the source tree, where the broker's script and the fake QEMU are
 * @param overlay comes before everything else on the class path of the controllers: a test's way to break them
 */
record Plan(Duration duration, long seed, int clients, int nodes, Path root, List<Path> overlay) {

    /** Names of the controllers; instances of the first begin at 1000, of the second at 2000, and so on. */
    static final List<String> CONTROLLERS = List.of("s1", "s2", "s3");

    /** Names of the managers. */
    static final List<String> MANAGERS = List.of("m1", "m2");
}
