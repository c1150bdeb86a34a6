package io.kvmcloud.messages;

import java.util.List;

/**
 * What is known of one command.
 *
 * @param op the id it was asked under
 * @param command its routing key, like {@code write.instance.run.s2.2000}
 * @param message what came of it, for people; empty while nothing did
 * @param hint what to type next, or empty
 * @param steps its way, in the order of time
 */
public record OpView(String op, String command, OpStatus status, String message, String hint, List<OpStep> steps) {}
