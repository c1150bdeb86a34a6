package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.TemplateWarmed;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code template warm}: copies before anybody has launched one. */
@Command(
        name = "warm",
        description = {
            "Boot a guest on each host and keep it, so that the next instances of its size are copies.",
            "Without it that is done after the first one has booted."
        },
        footer = {"kvm-cloud template warm micro", "kvm-cloud template warm debian --memory 1G --cpus 2 --on s1"})
final class TemplateWarmCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;

    @Mixin
    private final Results<Done<TemplateWarmed>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(paramLabel = "TEMPLATE", description = "One of `kvm-cloud templates`.")
    private String template = "";

    @Option(names = "--memory", paramLabel = "SIZE", description = "Like 512M (default: as `launch` takes).")
    private @Nullable MemorySize memory;

    @Option(
            names = "--cpus",
            paramLabel = "COUNT",
            defaultValue = "1",
            description = "Virtual CPUs, 1 to 256 (default: ${DEFAULT-VALUE}).")
    private int cpus;

    @Option(
            names = "--on",
            paramLabel = "CONTROLLER",
            description =
                    "Only this controller; may be given several times (default: all that have the template and do not drain).")
    private List<ControllerName> on = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long to wait; it goes on without us (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--no-wait", description = "Only ask for it.")
    private boolean noWait;

    TemplateWarmCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
        results = new Results<>(output, TemplateWarmCommand::columns);
    }

    private static Columns<Done<TemplateWarmed>> columns() {
        return new Columns<Done<TemplateWarmed>>()
                .with("controller", "controller", done -> done.result().controller())
                .with("outcome", "outcome", done -> done.result().outcome())
                .with("millis", "ms", done -> done.result().millis())
                .with("bytes", "bytes", done -> done.result().bytes())
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        List<ControllerRow> offering = new Offers(cloud.controllers()).require(template, "template warm");
        List<ControllerName> hosts = on.isEmpty()
                ? offering.stream()
                        .filter(row -> !row.controller().capacity().draining())
                        .map(row -> row.controller().name())
                        .toList()
                : on.stream().distinct().toList();
        if (hosts.isEmpty()) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "all controllers that have template " + template + " are draining, " + offering.size() + " of them",
                    "`kvm-cloud undrain " + offering.getFirst().controller().name() + "` lets it take instances again");
        }
        MemorySize size = memory != null
                ? memory
                : LaunchCommand.comfortable(
                        Offers.of(offering.getFirst(), template).orElseThrow().minimumMemory());
        String what = template + ", " + size + ", " + cpus + (cpus == 1 ? " CPU" : " CPUs");
        var last = new LastTime(
                surroundings.home().directory("warm"), template, what + " on " + names(hosts), System::nanoTime);
        try (var _ = new Progress(output, output.notesOnTerminal() && !noWait, last)) {
            return new EachInstance<>(output, results)
                    .call(
                            opId,
                            hosts,
                            hosts.size() == 1,
                            (host, op) -> {
                                TemplateWarmed warmed = warm(host, size, op);
                                if (warmed.outcome() == TemplateWarmed.Outcome.MADE) {
                                    last.was(warmed.millis());
                                }
                                return warmed;
                            },
                            TemplateWarmCommand::line,
                            EachInstance::naming);
        }
    }

    private TemplateWarmed warm(ControllerName host, MemorySize size, Op op) {
        WarmTemplate command = Failures.valid(
                () -> new WarmTemplate(host, template, size, cpus, !noWait),
                "write it like `kvm-cloud template warm micro --memory 512M --cpus 2`");
        try {
            return cloud.ask(command, op, noWait ? Duration.ZERO : Duration.ofSeconds(seconds));
        } catch (CommandFailed failed) {
            if (noWait || failed.failure().reason() != Reason.TIMED_OUT) {
                throw failed;
            }
            throw new CommandFailed(
                            Reason.TIMED_OUT,
                            host + " was not ready in time; it goes on",
                            "the same again goes on waiting; `kvm-cloud template show " + template
                                    + "` shows what is there",
                            failed)
                    .of(failed.op());
        }
    }

    private static String line(ControllerName host, TemplateWarmed warmed) {
        return host + ": "
                + switch (warmed.outcome()) {
                    case MADE ->
                        String.format(Locale.ROOT, "made in %.1f s, ", warmed.millis() / 1000.0)
                                + TemplateShowCommand.size(warmed.bytes());
                    case THERE -> "is there already, " + TemplateShowCommand.size(warmed.bytes());
                    case BEGUN -> "is being made";
                };
    }

    private static String names(List<ControllerName> hosts) {
        return String.join(", ", hosts.stream().map(ControllerName::value).toList());
    }
}
