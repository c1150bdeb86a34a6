/** The processes that a bench starts, hurts and ends: brokers, daemons, and whatever they leave behind. */
@NullMarked
package io.kvmcloud.bench.process;

import org.jspecify.annotations.NullMarked;
