/** The fault bench: a cloud of real processes with fake guests, hurt at random, and whether every command had one effect. */
@NullMarked
package io.kvmcloud.bench.chaos;

import org.jspecify.annotations.NullMarked;
