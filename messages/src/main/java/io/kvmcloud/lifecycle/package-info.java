/** Open, close, undo: the few things every long-lived program needs. */
@NullMarked
package io.kvmcloud.lifecycle;

import org.jspecify.annotations.NullMarked;
