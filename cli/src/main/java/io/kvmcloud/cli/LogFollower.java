package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.InstanceLog;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes what a guest writes to its serial console, as it comes.
 *
 * @param seconds how long a controller waits for it each time
 * @param asking how it is asked
 * @param raw whether escape sequences are for the terminal; they are left out otherwise
 * @param enough whether no more is wanted behind this part, which may be empty
 */
record LogFollower(
        Output output, int seconds, Function<ReadLog, InstanceLog> asking, boolean raw, Predicate<InstanceLog> enough) {

    /** The beginning of an escape sequence whose end is still to come. */
    private static final Pattern UNFINISHED = Pattern.compile("\u001b(\\[[0-9;?]*)?$");

    /**
     * Goes on behind this part until there is enough, or the person has seen enough, which is Ctrl-C: it ends the program, and
     * in the shell this.
     *
     * @throws CommandFailed when the instance is gone, its controller cannot be reached or cannot do this
     */
    void follow(InstanceLog first) {
        String kept = "";
        InstanceLog last = first;
        while (!enough.test(last)) {
            if (last.next() < 0) {
                throw new CommandFailed(
                        Reason.REFUSED,
                        "controller " + last.id().controller() + " is too old to go on with a log",
                        "`kvm-cloud logs " + last.id() + "` shows its end");
            }
            InstanceLog part;
            try {
                part = asking.apply(new ReadLog(last.id(), 1, last.next(), seconds));
            } catch (CommandFailed failed) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                throw failed;
            }
            if (part.from() < last.next()) {
                output.note("the log of " + last.id() + " has begun again");
                kept = "";
            }
            if (raw) {
                output.raw(part.text());
            } else {
                kept = written(kept, part);
            }
            last = part;
        }
    }

    /** Writes it, but for what is returned: what would be taken for text without the rest of it. */
    private String written(String before, InstanceLog part) {
        String text = before + part.text();
        Matcher unfinished = UNFINISHED.matcher(text);
        int end = unfinished.find() ? unfinished.start() : text.length();
        if (end > 0) {
            output.part(part, text.substring(0, end));
        }
        return text.substring(end);
    }
}
