/** Settings every program shares: one declaration for flag, environment variable, default and help line. */
@NullMarked
package io.kvmcloud.settings;

import org.jspecify.annotations.NullMarked;
