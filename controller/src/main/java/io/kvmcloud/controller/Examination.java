package io.kvmcloud.controller;

import io.kvmcloud.health.Check;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reply.HostExamined;
import io.kvmcloud.settings.Version;
import java.time.Clock;
import java.util.List;

/**
 * A controller looks at its host, since from elsewhere nobody can.
 *
 * @param checks what it looks at, in the order it is told
 */
record Examination(ControllerName name, Clock clock, List<Check> checks) {

    /** All of it, now; may take seconds. */
    HostExamined answer() {
        var findings = Check.all(checks);
        return new HostExamined(name, Version.current(), clock.instant(), findings);
    }
}
