package io.kvmcloud.messages;

import java.time.Instant;

/**
 * Something that happened, as a manager heard of it.
 *
 * @param at when it heard of it
 * @param subject the instance or the controller it happened to
 * @param name of the instance, or empty
 * @param event what it was: the instance's new status, {@code CREATED}, {@code CHANGED}, {@code DELETED} or {@code NOT_CREATED}; of a
 *     controller {@code UP}, {@code DOWN}, {@code SILENT}, {@code DRAINED}, {@code UNDRAINED} or {@code FORGOTTEN}
 * @param note more for people, or empty
 */
public record EventRow(Instant at, String subject, String name, String event, String note) {}
