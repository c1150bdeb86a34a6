package io.kvmcloud.messages;

/**
 * A template that a controller found and cannot offer.
 *
 * @param name its directory's name
 * @param why all its mistakes, in one line
 */
public record RefusedTemplate(String name, String why) {}
