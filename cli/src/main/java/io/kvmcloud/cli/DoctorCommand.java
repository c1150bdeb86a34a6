package io.kvmcloud.cli;

import io.kvmcloud.messages.Finding.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code doctor}: every precondition, each that is not met with what to do about it. */
@Command(
        name = "doctor",
        description = {
            "Look at all that the cloud needs: broker, managers, queues, and on each host disk, memory, ports, QEMU,"
                    + " accelerator, clock and templates.",
            "What is wrong has a line that says what to do. Exit code 1 when something fails; a warning is none."
        },
        footer = {
            "kvm-cloud doctor",
            "kvm-cloud doctor --deep",
            "kvm-cloud doctor -f value -c severity,where,what | grep -v ^OK"
        })
final class DoctorCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;

    @Mixin
    private final Results<Diagnosis> results;

    @Option(
            names = "--deep",
            description =
                    "Each host also reads the files of its templates through; otherwise one that did not change is"
                            + " taken for what it was.")
    private boolean deep;

    DoctorCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
        results = new Results<>(output, DoctorCommand::columns);
    }

    private static Columns<Diagnosis> columns() {
        return new Columns<Diagnosis>()
                .with("check", "check", one -> one.finding().check())
                .with("where", "where", Diagnosis::where)
                .with("severity", "severity", one -> one.finding().severity())
                .with("what", "what", one -> one.finding().what())
                .with("fix", "fix", one -> one.finding().fix());
    }

    @Override
    public Integer call() {
        List<Diagnosis> found = new ArrayList<>();
        new Doctor(cloud, surroundings, deep).examine(one -> {
            found.add(one);
            results.each(one, one.text());
        });
        results.end(found);
        long failed = found.stream().filter(one -> one.is(Severity.FAIL)).count();
        long warned = found.stream().filter(one -> one.is(Severity.WARN)).count();
        output.note(found.size() + " findings: " + failed + " FAIL, " + warned + " warn");
        return failed == 0 ? 0 : 1;
    }
}
