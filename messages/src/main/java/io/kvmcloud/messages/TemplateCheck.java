package io.kvmcloud.messages;

/**
 * What a controller found when it read a template through.
 *
 * @param digest SHA-256 over its files and their names, in hex; empty when it cannot be told
 * @param bytes of its files
 * @param note what is wrong with it, or worth knowing; or empty
 */
public record TemplateCheck(String template, State state, String digest, long bytes, String note) {

    /** What it is like. */
    public enum State {
        /** Every file can be read, and is what the template says of it. */
        OK,
        /** It cannot be used, or a file is not what the template says. */
        DAMAGED,
        /** It is not there. */
        MISSING
    }
}
