package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ListControllers;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.ControllerView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code controllers}: the hosts, and what they have left. */
@Command(
        name = "controllers",
        aliases = "hosts",
        description = "List the controllers and what they have left; forget one that is lost.")
final class ControllersCommand implements Callable<Integer>, WordsBelow {

    private final Cloud cloud;
    private final Output output;

    ControllersCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public List<Object> below() {
        return List.of(new ForgetCommand(cloud, output));
    }

    @Override
    public Integer call() {
        List<ControllerRow> rows = cloud.ask(new ListControllers()).controllers();
        // The host last: it is the only cell that may be long.
        var table = new Table("name", "accel", "RAM free", "CPUs free", "status", "host");
        for (ControllerRow row : rows) {
            ControllerView controller = row.controller();
            table.row(
                    controller.name().toString(),
                    controller.accelerator(),
                    controller.capacity().memoryFree() + " MiB",
                    Integer.toString(controller.capacity().cpusFree()),
                    row.reachable() ? "UP" : InstancesCommand.unreachable(row.ageSeconds()),
                    controller.host());
        }
        output.result(rows, table.toString());
        if (rows.isEmpty()) {
            output.note("no controller has announced itself");
        }
        rows.stream().map(ControllerRow::controller).forEach(this::notes);
        return 0;
    }

    /** What an operator wonders about: why it is slow, and where a template is. */
    private void notes(ControllerView controller) {
        if (!controller.acceleratorNote().isEmpty()) {
            output.note(controller.name() + ": " + controller.acceleratorNote());
        }
        controller
                .refusedTemplates()
                .forEach(template -> output.note(
                        controller.name() + ": template " + template.name() + " is not offered: " + template.why()));
    }
}
