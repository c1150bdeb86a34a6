package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.RequestId;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The id of what a verb asks for, which whoever asks again for the same effect repeats.
 *
 * <p>One that a person gives may have been used before, so the cloud looks for it first.
 */
final class OpId {

    private static final String FORM = "[\\x21-\\x7e]{1,60}";

    @Option(
            names = "--op-id",
            paramLabel = "OP",
            description =
                    "Ask under this id, of several under OP/1 or OP/ID: the same again has no second effect and gets the first answer.")
    private @Nullable String given;

    /**
     * What is asked for, and under which id.
     *
     * @param again whether it may have been asked for before
     */
    record Op(String id, boolean again) {}

    /** @throws CommandFailed {@link Reason#INVALID} when the given one is no id */
    Op op() {
        if (given == null) {
            return new Op(RequestId.next(Clock.systemUTC()), false);
        }
        if (!given.matches(FORM)) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "--op-id: '" + Output.plain(given) + "' is not 1 to 60 printable characters without a blank",
                    "a UUID is a good one, as `uuidgen` makes them");
        }
        return new Op(given, true);
    }

    /** Whether a person gave one. */
    boolean isGiven() {
        return given != null;
    }

    /** The same for one of several: a given id is followed by a slash and the one's own. */
    Op ofOneOfSeveral(Object id) {
        Op whole = op();
        return given == null ? whole : new Op(whole.id() + "/" + id, true);
    }
}
