/** What was asked of this controller and what it answered: the memory that makes a command have one effect. */
@NullMarked
package io.kvmcloud.controller.journal;

import org.jspecify.annotations.NullMarked;
