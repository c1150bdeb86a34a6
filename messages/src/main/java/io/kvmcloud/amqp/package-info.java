/** The road: how messages travel over RabbitMQ. Nobody else in the house sees a connection or a channel. */
@NullMarked
package io.kvmcloud.amqp;

import org.jspecify.annotations.NullMarked;
