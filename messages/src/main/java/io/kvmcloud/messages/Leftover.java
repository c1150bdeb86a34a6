package io.kvmcloud.messages;

/**
 * Something on a host that no template needs.
 *
 * @param name of an image its digest, of the others the template's
 * @param bytes it takes
 */
public record Leftover(Kind kind, String name, long bytes) {

    /** What it was. */
    public enum Kind {
        /** An image of no template. */
        IMAGE,
        /** The beginning of an import that did not end; the same import would go on with it. */
        IMPORT,
        /** A guest kept to be copied, of a template that is gone. */
        WARM
    }
}
