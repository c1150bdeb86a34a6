/** Measurements: our path beside a yardstick, interleaved in one run, so that a ratio means something on any machine. */
@NullMarked
package io.kvmcloud.bench.speed;

import org.jspecify.annotations.NullMarked;
