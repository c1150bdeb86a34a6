package io.kvmcloud.messages;

/**
 * A template as a controller offers it.
 *
 * @param description one line for people
 * @param minimumMemory an instance with less is refused
 * @param login the user name to log in with, or empty
 */
public record TemplateView(String name, String description, MemorySize minimumMemory, String login) {}
