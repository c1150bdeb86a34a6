package io.kvmcloud.messages;

/**
 * How much of a template that is being imported has come.
 *
 * @param bytes that are there, also from an earlier attempt
 * @param total bytes of all images that have begun to come; 0 while that is not known
 */
public record ImportProgress(String template, long bytes, long total) {}
