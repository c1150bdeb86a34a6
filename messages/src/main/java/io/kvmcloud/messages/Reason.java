package io.kvmcloud.messages;

/** Why a command failed, as coarse as a script needs it: each reason is one exit code of the CLI. */
public enum Reason {
    /** Something went wrong that is nobody's fault who asked: QEMU died, the disk is full, a defect. */
    FAILED(1),
    /** The command itself is wrong: a number out of range, an unknown word. */
    INVALID(2),
    /** No such instance, template or controller. */
    NOT_FOUND(3),
    /** The broker, every manager or the controller that is needed does not answer. */
    UNREACHABLE(4),
    /** No answer by the deadline; the outcome is still known to the cloud. */
    TIMED_OUT(5),
    /** Understood and not done: the instance's state forbids it, or there is no room. */
    REFUSED(6);

    private final int exitCode;

    Reason(int exitCode) {
        this.exitCode = exitCode;
    }

    /** The process exit code that reports this reason to a shell. */
    public int exitCode() {
        return exitCode;
    }
}
