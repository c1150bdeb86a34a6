package io.kvmcloud.messages;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Which part of a long list is wanted. A list is in a fixed order, and a page begins behind a row's key rather than at its
 * position: rows that come and go between two pages make no other one appear twice or not at all.
 *
 * @param after {@code next} of the page before; empty and null begin with the first row
 * @param limit at most so many rows, 1 to 10000; fewer come when more do not fit into a message. 0 is all of them, in one
 *     message or not at all
 */
public record Page(String after, int limit) {

    /** All rows at once. */
    public static final Page WHOLE = new Page("", 0);

    private static final int MOST = 10_000;

    /** How many rows {@link #all} asks for: of usual instances this is half of what fits into a message. */
    public static final int USUAL = 1_500;

    /** @throws IllegalArgumentException when the limit is out of range */
    public Page {
        after = after == null ? "" : after;
        if (limit < 0 || limit > MOST) {
            throw new IllegalArgumentException("a page has between 1 and " + MOST + " rows, not " + limit);
        }
    }

    /** The rows of all pages. */
    public static <R, T> List<T> all(Function<Page, R> ask, Function<R, List<T>> rows, Function<R, String> next) {
        List<T> all = new ArrayList<>();
        Page page = new Page("", USUAL);
        while (true) {
            R answer = ask.apply(page);
            List<T> part = rows.apply(answer);
            all.addAll(part);
            if (next.apply(answer).isEmpty()) {
                return all;
            }
            page = new Page(next.apply(answer), Math.clamp(part.size(), 1, USUAL)); // what has fitted fits again
        }
    }
}
