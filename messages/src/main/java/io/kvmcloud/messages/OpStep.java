package io.kvmcloud.messages;

import java.time.Instant;

/**
 * One thing that happened to a command.
 *
 * @param at when, by the clock of who tells it
 * @param who the manager or controller
 * @param what for people, like {@code sent to s2}
 */
public record OpStep(Instant at, String who, String what) {}
