package io.kvmcloud.controller.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.controller.SmallDisk;
import io.kvmcloud.messages.Command.ImportTemplate;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.Image.Role;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Sha256;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportOnAFullDiskIT {

    @TempDir
    private Path directory;

    @Test
    void anImageThatLeavesNoRoomForWhatRunsThereIsRefusedBeforeItIsFetched() {
        byte[] image = new byte[12 << 20];
        try (var disk = new SmallDisk(directory, "24m");
                var web = new WebServer(image)) {
            Templates templates = Templates.open(List.of(directory.resolve("templates")), directory);
            var imported = new ImportedTemplates(directory.resolve("templates"), templates);
            ImportTemplate mine = new ImportTemplate(
                    new ControllerName("s1"),
                    "mine",
                    List.of(new Image(Role.DISK, web.url(), Sha256.of(image))),
                    "",
                    "",
                    "",
                    MemorySize.ofMebibytes(64),
                    true);

            assertThatThrownBy(() -> imported.make(mine))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageContainingAll("the disk is full", "12 MiB are to come", "16 MiB must stay");
            assertThat(templates.knows("mine")).isFalse();
            assertThat(imported.tidy(true)).isEmpty();
            assertThat(disk.directory().toFile().getUsableSpace()).isGreaterThan(Download.SPARED);
        }
    }
}
