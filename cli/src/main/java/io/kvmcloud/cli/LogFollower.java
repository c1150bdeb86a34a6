package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.InstanceLog;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes what a guest writes to its serial console, as it comes. */
record LogFollower(Cloud cloud, Output output) {

    private static final int SECONDS = 10;

    /** The beginning of an escape sequence whose end is still to come. */
    private static final Pattern UNFINISHED = Pattern.compile("\u001b(\\[[0-9;?]*)?$");

    /**
     * Goes on from this part until the person has seen enough, which is Ctrl-C: it ends the program, and in the shell this.
     *
     * @throws CommandFailed when the instance is gone, its controller cannot be reached or cannot do this
     */
    int follow(InstanceLog first) {
        String kept = written("", first);
        InstanceLog last = first;
        while (true) {
            if (last.next() < 0) {
                throw new CommandFailed(
                        Reason.REFUSED,
                        "controller " + last.id().controller() + " is too old to go on with a log",
                        "`kvm-cloud logs " + last.id() + "` shows its end");
            }
            InstanceLog part;
            try {
                part = cloud.ask(new ReadLog(last.id(), 1, last.next(), SECONDS));
            } catch (CommandFailed failed) {
                if (Thread.currentThread().isInterrupted()) {
                    return 0;
                }
                throw failed;
            }
            if (part.from() < last.next()) {
                output.note("the log of " + last.id() + " has begun again");
                kept = "";
            }
            kept = written(kept, part);
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
