/** The crossroads: sends each command to the controller that carries it out, by its envelope alone, and answers reads from a table. */
@NullMarked
package io.kvmcloud.manager;

import org.jspecify.annotations.NullMarked;
