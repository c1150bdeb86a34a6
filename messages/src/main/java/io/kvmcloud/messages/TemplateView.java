package io.kvmcloud.messages;

/**
 * A template as a controller offers it.
 *
 * @param description one line for people
 * @param minimumMemory an instance with less is refused
 * @param login the user name to log in with, or empty
 * @param digest SHA-256 over its files and their names, in hex; empty, as is null, where nobody has computed it
 * @param bytes of its files; null is 0
 * @param warm whether its instances can be copies of a guest that has booted; null is false
 */
public record TemplateView(
        String name,
        String description,
        MemorySize minimumMemory,
        String login,
        String digest,
        Long bytes,
        Boolean warm) {

    /** As a controller of the release before tells of it. */
    public TemplateView {
        digest = digest == null ? "" : digest;
        bytes = bytes == null ? 0 : bytes;
        warm = warm != null && warm;
    }

    /** One of which no more is known. */
    public TemplateView(String name, String description, MemorySize minimumMemory, String login) {
        this(name, description, minimumMemory, login, "", 0L, false);
    }
}
