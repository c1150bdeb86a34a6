/** What a machine must have for KVM-cloud, looked at one by one: by a controller of its host, by the command line of its own. */
@NullMarked
package io.kvmcloud.health;

import org.jspecify.annotations.NullMarked;
