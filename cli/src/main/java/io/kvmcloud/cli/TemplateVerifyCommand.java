package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.VerifyTemplates;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reply.TemplatesVerified;
import io.kvmcloud.messages.TemplateCheck;
import io.kvmcloud.messages.TemplateCheck.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code template verify}: every file read through, on every host. */
@Command(
        name = "verify",
        description = {
            "Read every file of a template, or of all, through on each host, and compare it with its sha256 and the other hosts'.",
            "Exit code 1 when one is damaged or hosts differ. A host that lacks one is named."
        },
        footer = {"kvm-cloud template verify", "kvm-cloud template verify micro --on s1"})
final class TemplateVerifyCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Row> results;

    @Parameters(paramLabel = "TEMPLATE", arity = "0..1", description = "One of `kvm-cloud templates` (default: all).")
    private String template = "";

    @Mixin
    private final Hosts hosts = new Hosts();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long to wait (default: ${DEFAULT-VALUE}).")
    private int seconds;

    TemplateVerifyCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, TemplateVerifyCommand::columns);
    }

    /** A template on a host. */
    private record Row(
            ControllerName controller, String template, State state, String digest, long bytes, String note) {}

    private static Columns<Row> columns() {
        return new Columns<Row>()
                .with("controller", "host", Row::controller)
                .with("template", "template", Row::template)
                .with("state", "state", Row::state)
                .with("digest", "digest", Row::digest, row -> TemplateShowCommand.digest(row.digest()))
                .with("bytes", "size", Row::bytes, row -> TemplateShowCommand.size(row.bytes()))
                .given("note", "note", Row::note);
    }

    @Override
    public Integer call() {
        List<ControllerName> wanted = hosts.of(cloud);
        Map<ControllerName, List<TemplateCheck>> found = new LinkedHashMap<>();
        int failed = ask(wanted, found);
        List<Row> rows = rows(found);
        if (!template.isEmpty() && !found.isEmpty() && rows.stream().allMatch(row -> row.state() == State.MISSING)) {
            new Offers(cloud.controllers()).require(template, "template verify");
        }
        results.list(rows);
        boolean damaged = rows.stream().anyMatch(row -> row.state() == State.DAMAGED);
        boolean different = differ(rows);
        return failed != 0 ? failed : damaged || different ? 1 : 0;
    }

    /** Returns the exit code of the first that could not be asked, or 0. */
    private int ask(List<ControllerName> wanted, Map<ControllerName, List<TemplateCheck>> found) {
        try (var _ = new Progress(output, output.notesOnTerminal(), "reading files on " + wanted.size() + " hosts")) {
            return EachInstance.all(
                    output,
                    wanted,
                    this::verify,
                    (host, reply) -> found.put(host, reply.templates()),
                    EachInstance::naming,
                    "");
        }
    }

    private TemplatesVerified verify(ControllerName host) {
        VerifyTemplates command =
                Failures.valid(() -> new VerifyTemplates(host, template), "`kvm-cloud templates` lists them");
        return cloud.ask(command, new OpId().op(), Duration.ofSeconds(seconds));
    }

    /** Each host has a row for each template that any of them has. */
    private static List<Row> rows(Map<ControllerName, List<TemplateCheck>> found) {
        TreeSet<String> names = new TreeSet<>();
        found.values().forEach(checks -> checks.forEach(check -> names.add(check.template())));
        List<Row> rows = new ArrayList<>();
        for (String name : names) {
            found.forEach((host, checks) -> rows.add(checks.stream()
                    .filter(check -> check.template().equals(name))
                    .findFirst()
                    .map(check -> new Row(host, name, check.state(), check.digest(), check.bytes(), check.note()))
                    .orElse(new Row(host, name, State.MISSING, "", 0, "not present"))));
        }
        return rows;
    }

    private boolean differ(List<Row> rows) {
        Map<String, TreeSet<String>> digests = new TreeMap<>();
        rows.stream()
                .filter(row -> !row.digest().isEmpty())
                .forEach(row -> digests.computeIfAbsent(row.template(), _ -> new TreeSet<>())
                        .add(row.digest()));
        digests.values().removeIf(each -> each.size() < 2);
        digests.keySet().forEach(name -> output.note("the hosts have different files under the name " + name));
        return !digests.isEmpty();
    }
}
