package io.kvmcloud.messages;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
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

    /** How many rows are asked for at a time: of usual instances this is half of what fits into a message. */
    public static final int USUAL = 1_500;

    /** @throws IllegalArgumentException when the limit is out of range */
    public Page {
        after = after == null ? "" : after;
        if (limit < 0 || limit > MOST) {
            throw new IllegalArgumentException("a page has between 1 and " + MOST + " rows, not " + limit);
        }
    }

    /** Who is asked for a page. */
    public interface Asked<R> {

        /** @param next told where the next page begins, if that is known before all of this one has been read */
        R page(Page page, Consumer<String> next);
    }

    /** The rows of all pages, one after the other. */
    public static <R, T> List<T> all(Function<Page, R> ask, Function<R, List<T>> rows, Function<R, String> next) {
        return all((page, _) -> ask.apply(page), rows, next);
    }

    /** The rows of all pages. A page is asked for as soon as it is known where it begins, and read beside the one before. */
    public static <R, T> List<T> all(Asked<R> asked, Function<R, List<T>> rows, Function<R, String> next) {
        Queue<CompletableFuture<R>> ahead = new ConcurrentLinkedQueue<>();
        R answer = asked.page(new Page("", USUAL), after -> begin(asked, after, ahead));
        List<T> all = new ArrayList<>(rows.apply(answer));
        while (!next.apply(answer).isEmpty()) {
            if (ahead.isEmpty()) {
                begin(asked, next.apply(answer), ahead);
            }
            answer = whenCome(ahead.remove());
            all.addAll(rows.apply(answer));
        }
        return all;
    }

    /** In order: each page puts the next one into the queue before it has come itself. */
    private static <R> void begin(Asked<R> asked, String after, Queue<CompletableFuture<R>> ahead) {
        var answer = new CompletableFuture<R>();
        ahead.add(answer);
        answer.completeAsync(
                () -> asked.page(new Page(after, USUAL), further -> begin(asked, further, ahead)),
                Thread::startVirtualThread);
    }

    private static <R> R whenCome(CompletableFuture<R> answer) {
        try {
            return answer.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException expected) {
                throw expected;
            }
            throw failed;
        }
    }
}
