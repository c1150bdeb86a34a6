package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Who types into an instance, and how far: its order is kept, nothing is typed twice, and what was lost on the way is told by
 * the number that follows. It is forgotten with this process, so nothing of before is ever typed by a later one.
 */
final class TypedLines {

    /** More hands than anybody has at one console. */
    private static final int MOST = 32;

    private final Map<String, Long> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST;
        }
    };

    /** Somebody types there from now on, or does already. */
    void open(String line) {
        last.putIfAbsent(line, 0L);
    }

    /**
     * Has it typed if it is the next one of its line.
     *
     * @return done at once when it was typed before, or only opens the line
     * @throws CommandFailed when one before it has not come here
     */
    CompletableFuture<Void> next(TypeInput input, Supplier<CompletableFuture<Void>> typing) {
        Long before = last.get(input.line());
        if (input.number() == 0) {
            open(input.line());
        } else if (before != null && input.number() == before + 1) {
            last.put(input.line(), input.number());
            return typing.get();
        } else if (before == null || input.number() > before) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    before == null
                            ? "this controller knows of nobody who types on line " + input.line() + " into "
                                    + input.id() + ": it was started again, and what was typed last may be lost"
                            : "number " + (before + 1) + " of line " + input.line() + " has not come, so number "
                                    + input.number() + " is not typed",
                    "see what the console shows, and open a new line");
        }
        return CompletableFuture.completedFuture(null);
    }
}
