package io.kvmcloud.cli;

import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.TemplateView;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code controllers}: the hosts, and what they have left. */
@Command(
        name = "controllers",
        aliases = "hosts",
        description = "List the controllers and what they have left; forget one that is lost.",
        footer = {
            "kvm-cloud controllers",
            "kvm-cloud controllers status=up --sort -memoryFree",
            "kvm-cloud controllers -q status=draining",
            "kvm-cloud controllers forget s3"
        })
final class ControllersCommand implements Callable<Integer>, WordsBelow {

    private static final String UP = "UP";
    private static final String DRAINING = "DRAINING";

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Listing<ControllerRow> listing;

    ControllersCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        listing = new Listing<>(output, ControllersCommand::columns);
    }

    private static Columns<ControllerRow> columns() {
        Function<ControllerRow, ControllerView> controller = ControllerRow::controller;
        Function<ControllerRow, Capacity> capacity = controller.andThen(ControllerView::capacity);
        return new Columns<ControllerRow>()
                .with("name", "name", controller.andThen(ControllerView::name))
                .with("accelerator", "accel", controller.andThen(ControllerView::accelerator))
                .with(
                        "memoryFree",
                        "RAM free",
                        capacity.andThen(Capacity::memoryFree),
                        capacity.andThen(left -> left.memoryFree() + " MiB"))
                .with("cpusFree", "CPUs free", capacity.andThen(Capacity::cpusFree))
                .with(
                        "status",
                        "status",
                        ControllersCommand::status,
                        row -> row.reachable() ? there(row) : InstancesCommand.unreachable(row.ageSeconds()))
                // The host last: it is the only cell that may be long.
                .with("host", "host", controller.andThen(ControllerView::host))
                .more("instances", capacity.andThen(Capacity::instances))
                .more("memoryMebibytes", capacity.andThen(Capacity::memoryMebibytes))
                .more("cpus", capacity.andThen(Capacity::cpus))
                .more("draining", capacity.andThen(Capacity::draining))
                .more("templates", controller.andThen(ControllersCommand::templates))
                .more("version", controller.andThen(ControllerView::version))
                .more("acceleratorNote", controller.andThen(ControllerView::acceleratorNote))
                .more("ageSeconds", ControllerRow::ageSeconds)
                .more("reachable", ControllerRow::reachable);
    }

    @Override
    public List<Object> below() {
        return List.of(new ForgetCommand(cloud, output));
    }

    @Override
    public Integer call() {
        listing.show(cloud.controllers(), "no controller has announced itself").stream()
                .map(ControllerRow::controller)
                .forEach(this::notes);
        return 0;
    }

    /** The same for programs. */
    static String status(ControllerRow row) {
        return row.reachable() ? there(row) : InstancesCommand.UNREACHABLE;
    }

    private static String there(ControllerRow row) {
        return row.controller().capacity().draining() ? DRAINING : UP;
    }

    private static String templates(ControllerView controller) {
        return controller.templates().stream().map(TemplateView::name).collect(Collectors.joining(","));
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
