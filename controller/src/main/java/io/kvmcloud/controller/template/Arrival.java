package io.kvmcloud.controller.template;

import io.kvmcloud.messages.ImportProgress;

/** How much of one template has come: told by who fetches its images one after the other, read by anyone. */
final class Arrival {

    /** Of images that are there; this and what follows belong to who fetches. */
    private long before;

    private long bytes;
    private long expected;
    private volatile ImportProgress progress;

    Arrival(String template) {
        progress = new ImportProgress(template, 0, 0);
    }

    /** The next image begins to come, or the same one again; 0 is all of an image that has no length. */
    void begins(long have, long all) {
        expected = all;
        has(have);
    }

    /** So much of this image is there. */
    void has(long have) {
        bytes = have;
        progress = new ImportProgress(progress.template(), before + bytes, expected == 0 ? 0 : before + expected);
    }

    /** This image is there. */
    void ends() {
        before += bytes;
        begins(0, 0);
    }

    ImportProgress progress() {
        return progress;
    }
}
