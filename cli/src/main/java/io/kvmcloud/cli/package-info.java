/** The face: one class for each verb, the shell, and everything a person or a script reads. */
@NullMarked
package io.kvmcloud.cli;

import org.jspecify.annotations.NullMarked;
