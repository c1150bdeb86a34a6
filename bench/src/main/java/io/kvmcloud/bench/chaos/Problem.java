package io.kvmcloud.bench.chaos;

/**
 * Something that must not be.
 *
 * @param what with ids and places, enough to find it in logs and on disks
 */
record Problem(Kind kind, String what) {

    /** What a run counts. */
    enum Kind {
        /** Acknowledged, and not so. */
        LOST,
        /** Carried out twice, or without anyone knowing. */
        DOUBLED,
        /** Without an outcome, or on the way to a state for ever. */
        STUCK,
        /** Left behind: a file, a port, a process, a queue, a message. */
        LEAKED;

        /** As it is in the line of figures. */
        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @Override
    public String toString() {
        return kind.word() + ": " + what;
    }
}
