package io.kvmcloud.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** {@code template}: what is done about one template. */
@Command(
        name = "template",
        description = {
            "Show a template (`template show NAME`), bring one (`template import NAME --disk FILE`), have copies of it"
                    + " ready, read it through, remove it."
        })
final class TemplateCommand implements WordsBelow {

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;

    TemplateCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
    }

    @Override
    public List<Object> below() {
        return List.of(
                new TemplateShowCommand(cloud, output),
                new TemplateImportCommand(cloud, output),
                new TemplateVerifyCommand(cloud, output),
                new TemplateWarmCommand(cloud, output, surroundings),
                new TemplateRemoveCommand(cloud, output),
                new TemplateGcCommand(cloud, output));
    }
}
