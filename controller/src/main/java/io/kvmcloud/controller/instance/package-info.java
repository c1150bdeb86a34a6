/** What an instance is: its record, its states, its driver, its ports. Knows no QEMU and no AMQP. */
@NullMarked
package io.kvmcloud.controller.instance;

import org.jspecify.annotations.NullMarked;
