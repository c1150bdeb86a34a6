package io.kvmcloud.messages;

/**
 * What was found when a precondition was looked at.
 *
 * @param check what was looked at, in a word
 * @param what was found, with numbers
 * @param fix what to do about it; empty when all is well
 */
public record Finding(Severity severity, String check, String what, String fix) {

    /** How bad it is. */
    public enum Severity {
        /** As it should be. */
        OK,
        /** It works, and not as well as it could, or not for long. */
        WARN,
        /** Something does not work because of it. */
        FAIL
    }

    /** All is well. */
    public static Finding ok(String check, String what) {
        return new Finding(Severity.OK, check, what, "");
    }

    /** It works, and somebody should know. */
    public static Finding warn(String check, String what, String fix) {
        return new Finding(Severity.WARN, check, what, fix);
    }

    /** It does not work. */
    public static Finding fail(String check, String what, String fix) {
        return new Finding(Severity.FAIL, check, what, fix);
    }

    /** It does not work at all: message and hint say why and what to do. */
    public static Finding of(String check, CommandFailed failed) {
        return fail(check, failed.failure().message(), failed.failure().hint());
    }
}
