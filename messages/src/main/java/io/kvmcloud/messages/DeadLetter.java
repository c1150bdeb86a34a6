package io.kvmcloud.messages;

import java.util.List;

/**
 * A message that nobody could handle.
 *
 * @param id made of its content, so it is the same for whoever looks
 * @param when it was given up, ISO 8601 UTC, or empty when nobody says
 * @param why in words
 * @param from the user who sent it, as the broker checked it, or empty
 * @param type what it says it is, or empty
 * @param key what it was published with, or empty
 * @param size of its body, in bytes
 */
public record DeadLetter(String id, String when, String why, String from, String type, String key, long size) {

    /** How many one command names at most. */
    public static final int MOST = 1_000;

    static List<String> checked(List<String> ids) {
        if (ids != null && ids.size() > MOST) {
            throw new IllegalArgumentException("at most " + MOST + " dead letters at a time, not " + ids.size());
        }
        return ids;
    }
}
