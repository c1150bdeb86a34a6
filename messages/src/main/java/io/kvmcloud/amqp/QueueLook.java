package io.kvmcloud.amqp;

/**
 * What the broker says of a queue.
 *
 * @param messages that wait in it
 * @param consumers that it has
 */
public record QueueLook(int messages, int consumers) {}
