package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ListTemplates;
import io.kvmcloud.messages.TemplateRow;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** {@code templates}: what instances can be made from. */
@Command(name = "templates", description = "List the templates instances can be made from.")
final class TemplatesCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    TemplatesCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public Integer call() {
        List<TemplateRow> rows = cloud.ask(new ListTemplates()).templates();
        output.result(rows, rows.stream().map(TemplatesCommand::line).collect(Collectors.joining()));
        if (rows.isEmpty()) {
            output.note("no controller offers a template; `kvm-cloud controllers` shows who is there");
        }
        return 0;
    }

    private static String line(TemplateRow row) {
        return "- " + row.template().name() + " (" + row.template().description() + ")\n";
    }
}
