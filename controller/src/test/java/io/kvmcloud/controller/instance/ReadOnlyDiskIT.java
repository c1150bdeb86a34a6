package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.controller.SmallDisk;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadOnlyDiskIT {

    private static final InstanceId FIRST = InstanceId.parse("s1/1000");
    private static final NewInstance SMALL = new NewInstance("micro", MemorySize.ofMebibytes(128), 1, List.of());

    @TempDir
    private Path directory;

    private SmallDisk disk;
    private Instances instances;

    @BeforeEach
    void open() throws IOException {
        disk = new SmallDisk(directory, "1m");
        reopen();
        instances.create(1000, SMALL);
    }

    @AfterEach
    void close() {
        instances.close();
        disk.close();
    }

    @Test
    void nothingIsMadeOrLostAndAllGoesOnWhenTheDiskCanBeWrittenAgain() {
        disk.makeReadOnly();

        assertThatThrownBy(() -> instances.create(1001, SMALL)).isInstanceOfSatisfying(CommandFailed.class, failed -> {
            assertThat(failed.failure().reason()).isEqualTo(Reason.FAILED);
            assertThat(failed.failure().message()).contains("cannot create s1/1001", "Read-only file system");
        });
        assertThat(delete())
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("Read-only file system");
        instances.sweep();
        assertThat(instances.views()).extracting(InstanceView::id).containsExactly(FIRST);
        assertThat(instances.capacity().memoryUsedMebibytes()).isEqualTo(128);

        disk.makeWritable();
        assertThat(delete()).succeedsWithin(30, TimeUnit.SECONDS).isEqualTo(new Reply.InstanceDeleted(FIRST));
        assertThat(instances.create(1002, SMALL).instance().id().number()).isEqualTo(1002);
    }

    @Test
    void aDamagedRecordThatCannotBePutAsideDoesNotStopTheOthers() throws IOException {
        instances.create(1001, SMALL);
        instances.close();
        byte[] record = Files.readAllBytes(directory.resolve("1001/instance.json"));
        Files.write(directory.resolve("1001/instance.json"), Arrays.copyOf(record, record.length / 2));
        disk.makeReadOnly();

        reopen();
        assertThat(instances.views()).extracting(InstanceView::id).containsExactly(FIRST);

        instances.close();
        disk.makeWritable();
        reopen();
        assertThat(instances.views()).extracting(InstanceView::id).containsExactly(FIRST);
        assertThat(directory.resolve("damaged-1001/disk")).exists();
    }

    private CompletableFuture<Reply> delete() {
        return instances.ask(new Order(
                new DeleteInstance(FIRST, true),
                "r1",
                Instant.now(),
                Instant.now().plusSeconds(60),
                false));
    }

    private void reopen() throws IOException {
        instances = Instances.open(
                new Host(new ControllerName("s1"), "127.0.0.1", "127.0.0.1", 1024, 8),
                directory,
                new FakeHypervisor(),
                name -> new Template(
                        name,
                        "",
                        new Template.Boot.Disk(),
                        Path.of("/nowhere"),
                        "raw",
                        "",
                        MemorySize.ofMebibytes(72),
                        true,
                        ""),
                new Ports("127.0.0.1", 30_000, 100),
                new Drain(directory.resolve("draining")),
                Clock.systemUTC(),
                new FakeLedger());
    }
}
