package io.kvmcloud.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Finding.Severity;

/**
 * What was found, and where.
 *
 * @param where on this machine, on the broker, in the cloud as a whole, or the name of a manager or controller
 */
record Diagnosis(String where, @JsonUnwrapped Finding finding) {

    private static final String BELOW = "\n      ";

    /** {@code FAIL  s1 disk: 12 MiB free of 20 GiB in /var/lib}, and what to do about it below. */
    String text() {
        String line = "%-4s  %s %s: %s"
                .formatted(word(), where, finding.check(), finding.what().replace("\n", BELOW));
        return finding.fix().isEmpty() ? line : line + BELOW + "fix: " + finding.fix();
    }

    boolean is(Severity severity) {
        return finding.severity() == severity;
    }

    private String word() {
        return switch (finding.severity()) {
            case OK -> "ok";
            case WARN -> "warn";
            case FAIL -> "FAIL";
        };
    }
}
