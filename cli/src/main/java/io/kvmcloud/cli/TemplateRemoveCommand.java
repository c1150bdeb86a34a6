package io.kvmcloud.cli;

import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.RemoveTemplate;
import io.kvmcloud.messages.Command.ShowOp;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.TemplateRemoved;
import io.kvmcloud.messages.Text;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code template rm}: takes an imported template away. */
@Command(
        name = "rm",
        description = {
            "Remove a template that was imported, and what is kept of it to be copied.",
            "Its images stay on the host until `template gc`, so to import it again is quick."
        },
        footer = {"kvm-cloud template rm mine", "kvm-cloud template rm mine --on s1"})
final class TemplateRemoveCommand implements Callable<Integer> {

    private static final Duration WORK = Duration.ofSeconds(60);
    private static final int MOST_SHOWN = 8;

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Results<Done<TemplateRemoved>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(paramLabel = "TEMPLATE", description = "One of `kvm-cloud templates`.")
    private String template = "";

    @Option(
            names = "--on",
            paramLabel = "CONTROLLER",
            description = "Only from this controller; may be given several times (default: all that have it).")
    private List<ControllerName> on = List.of();

    TemplateRemoveCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, TemplateRemoveCommand::columns);
    }

    private static Columns<Done<TemplateRemoved>> columns() {
        return new Columns<Done<TemplateRemoved>>()
                .with("controller", "controller", done -> done.result().controller())
                .with("bytes", "bytes", done -> done.result().bytes())
                .more("op", Done::op);
    }

    @Override
    public Integer call() {
        List<ControllerName> hosts = hosts();
        requireUnused(hosts);
        return new EachInstance<>(output, results)
                .call(
                        opId,
                        hosts,
                        false,
                        (host, op) -> cloud.ask(
                                Failures.valid(
                                        () -> new RemoveTemplate(host, template), "`kvm-cloud templates` lists them"),
                                op,
                                WORK),
                        TemplateRemoveCommand::line,
                        EachInstance::naming);
    }

    private List<ControllerName> hosts() {
        if (!on.isEmpty()) {
            return on.stream().distinct().toList();
        }
        List<ControllerRow> all = cloud.controllers();
        List<ControllerName> having = names(all.stream().filter(this::has).toList());
        if (having.isEmpty() && opId.isGiven()) {
            having = names(all).stream().filter(this::wasAsked).toList();
        }
        if (having.isEmpty()) {
            new Offers(all).require(template, "template rm");
        }
        return having;
    }

    private static List<ControllerName> names(List<ControllerRow> rows) {
        return rows.stream().map(row -> row.controller().name()).toList();
    }

    private boolean has(ControllerRow row) {
        return Offers.of(row, template).isPresent()
                || row.controller().refusedTemplates().stream()
                        .anyMatch(refused -> refused.name().equals(template));
    }

    /** Under the same id: it gives its first answer. */
    private boolean wasAsked(ControllerName host) {
        try {
            cloud.ask(new ShowOp(opId.ofOneOfSeveral(host).id()));
            return true;
        } catch (CommandFailed unknown) {
            if (unknown.failure().reason() == Reason.NOT_FOUND) {
                return false;
            }
            throw unknown;
        }
    }

    /** On none of the hosts rather than on some of them; each of them looks again. */
    private void requireUnused(List<ControllerName> hosts) {
        List<String> users = cloud.instances().stream()
                .map(row -> row.instance())
                .filter(instance -> instance.template().equals(template)
                        && hosts.contains(instance.id().controller()))
                .map(Selector::label)
                .toList();
        if (!users.isEmpty()) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "template " + template + " is in use by " + Text.some(users, MOST_SHOWN) + "; nothing was removed",
                    "`kvm-cloud delete` them first");
        }
    }

    private static String line(ControllerName host, TemplateRemoved removed) {
        return host + ": removed"
                + (removed.bytes() == 0 ? "" : "; `template gc` frees " + TemplateShowCommand.size(removed.bytes()));
    }
}
