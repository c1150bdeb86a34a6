package io.kvmcloud.cli;

import io.kvmcloud.messages.ControllerName;
import java.util.List;
import picocli.CommandLine.Option;

/** Which hosts a verb is for. */
final class Hosts {

    @Option(
            names = "--on",
            paramLabel = "CONTROLLER",
            description = "Only this controller; may be given several times (default: all).")
    private List<ControllerName> on = List.of();

    /** Those that were named, each once; or all that the cloud knows. */
    List<ControllerName> of(Cloud cloud) {
        return on.isEmpty()
                ? cloud.controllers().stream()
                        .map(row -> row.controller().name())
                        .toList()
                : on.stream().distinct().toList();
    }
}
