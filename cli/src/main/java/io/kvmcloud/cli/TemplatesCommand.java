package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ListTemplates;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.TemplateRow;
import io.kvmcloud.messages.TemplateView;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code templates}: what instances can be made from. */
@Command(
        name = "templates",
        description = "List the templates instances can be made from.",
        footer = {"kvm-cloud templates", "kvm-cloud templates -c name,login,controllers"})
final class TemplatesCommand implements Callable<Integer> {

    private final Cloud cloud;

    @Mixin
    private final Listing<TemplateRow> listing;

    TemplatesCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        listing = new Listing<>(output, TemplatesCommand::columns);
    }

    private static Columns<TemplateRow> columns() {
        return new Columns<TemplateRow>()
                .with("name", "name", row -> row.template().name())
                .with(
                        "minimumMemory",
                        "RAM",
                        row -> row.template().minimumMemory().mebibytes())
                .with("login", "login", row -> row.template().login())
                .with("controllers", "controllers", TemplatesCommand::controllers)
                .with("description", "description", row -> row.template().description())
                .line(row -> line(row.template()));
    }

    private static String line(TemplateView template) {
        return "- " + template.name() + (template.description().isEmpty() ? "" : " (" + template.description() + ")");
    }

    @Override
    public Integer call() {
        listing.show(
                cloud.ask(new ListTemplates()).templates(),
                "no controller offers a template; `kvm-cloud controllers` shows who is there");
        return 0;
    }

    private static String controllers(TemplateRow row) {
        return row.controllers().stream().map(ControllerName::value).collect(Collectors.joining(","));
    }
}
