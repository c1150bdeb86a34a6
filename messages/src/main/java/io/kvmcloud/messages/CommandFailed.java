package io.kvmcloud.messages;

/**
 * The one exception of the house: thrown where a command cannot go on, turned into a {@link Reply.Failure} in one place
 * and printed in one place.
 */
public final class CommandFailed extends RuntimeException {

    private final transient Reply.Failure failure;
    private String op = "";

    /** @param failure what the person who asked will read */
    public CommandFailed(Reply.Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    /**
     * @param reason the exit code's meaning
     * @param message what happened and why, with numbers
     * @param hint what to type next, or empty
     */
    public CommandFailed(Reason reason, String message, String hint) {
        this(new Reply.Failure(reason, message, hint));
    }

    /** The same, remembering what caused it for the log. */
    public CommandFailed(Reason reason, String message, String hint, Throwable cause) {
        this(reason, message, hint);
        initCause(cause);
    }

    /** The same, knowing the id of the command that failed. */
    public CommandFailed of(String id) {
        op = id;
        return this;
    }

    /** What the person who asked will read. */
    public Reply.Failure failure() {
        return failure;
    }

    /** The id of the command that failed; empty when it was a read, or none was sent. */
    public String op() {
        return op;
    }
}
