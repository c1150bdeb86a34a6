package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.TidyTemplates;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Leftover;
import io.kvmcloud.messages.Reply.TemplatesTidied;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code template gc}: room that nothing needs. */
@Command(
        name = "gc",
        description = "Remove what no template needs: images, imports that did not end, guests kept to be copied.",
        footer = {"kvm-cloud template gc --dry-run", "kvm-cloud template gc --on s1"})
final class TemplateGcCommand implements Callable<Integer> {

    private static final Duration WORK = Duration.ofSeconds(60);

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<TemplatesTidied>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Mixin
    private final Hosts hosts = new Hosts();

    @Option(names = "--dry-run", description = "Only tell what would be removed.")
    private boolean dryRun;

    TemplateGcCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, TemplateGcCommand::columns);
    }

    private static Columns<Done<TemplatesTidied>> columns() {
        return new Columns<Done<TemplatesTidied>>()
                .with("controller", "controller", done -> done.result().controller())
                .with("count", "count", done -> done.result().leftovers().size())
                .with("bytes", "bytes", done -> bytes(done.result()))
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        return new EachInstance<>(output, results)
                .call(
                        opId,
                        hosts.of(cloud),
                        false,
                        (host, op) -> cloud.ask(new TidyTemplates(host, dryRun), op, WORK),
                        TemplateGcCommand::line,
                        EachInstance::naming);
    }

    private static String line(ControllerName host, TemplatesTidied tidied) {
        String counts = Arrays.stream(Leftover.Kind.values())
                .map(kind -> count(tidied, kind))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        return counts.isEmpty()
                ? host + ": nothing to remove"
                : host + (tidied.dryRun() ? ": would remove " : ": removed ") + counts + ", "
                        + TemplateShowCommand.size(bytes(tidied));
    }

    private static String count(TemplatesTidied tidied, Leftover.Kind kind) {
        long count = tidied.leftovers().stream()
                .filter(leftover -> leftover.kind() == kind)
                .count();
        String word = kind.name().toLowerCase(Locale.ROOT) + (kind == Leftover.Kind.WARM ? " state" : "");
        return count == 0 ? "" : count + " " + word + (count == 1 ? "" : "s");
    }

    private static long bytes(TemplatesTidied tidied) {
        return tidied.leftovers().stream().mapToLong(Leftover::bytes).sum();
    }
}
