package io.kvmcloud.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was answered is there after a power cut: from the disk, or, where it had not come to that, from the journal. */
@WithBroker(own = true)
class PowerCutIT {

    private HostUnderTest host;
    private OneManager manager;

    @BeforeEach
    void open(TestBroker broker, @TempDir Path directory) throws IOException {
        host = new HostUnderTest(broker, directory);
        manager = new OneManager(broker.address("kvm-manager"), new ControllerName("s1"));
        manager.awaitController();
    }

    @AfterEach
    void close() {
        System.out.println(host.log());
        manager.close();
        host.close();
    }

    @Test
    void whatWasAnsweredIsThereAfterwardsWhateverOfItWasSynced() throws IOException {
        InstanceView ran = create("ran", "op 0");
        assertThat(manager.ask(new RunInstance(ran.id()))).isInstanceOf(Reply.InstanceStarted.class);
        String record = Files.readString(host.directoryOf(ran.id()).resolve("instance.json"));
        InstanceView gone = create("gone", "op 1");
        InstanceView empty = create("empty", "op 2");
        InstanceView whole = create("whole", "op 3");
        InstanceView deleted = create("deleted", "op 4");
        assertThat(manager.ask(new DeleteInstance(deleted.id(), false))).isInstanceOf(Reply.InstanceDeleted.class);

        manager.whileControllerIsAway(() -> host.cutPower(journal -> {
            DurableFile.deleteTree(host.directoryOf(gone.id()));
            truncateAll(host.directoryOf(empty.id()));
            return withoutSyncedAfter(journal, ran.id());
        }));

        assertThat(manager.view(ran.id()))
                .hasValueSatisfying(view -> assertThat(view.status()).isEqualTo(InstanceStatus.OFFLINE));
        assertThat(host.directoryOf(ran.id()).resolve("instance.json")).hasContent(record);
        for (InstanceView promised : List.of(gone, empty, whole)) {
            assertThat(manager.view(promised.id())).hasValue(promised);
            assertThat(manager.ask(new RunInstance(promised.id()))).isInstanceOf(Reply.InstanceStarted.class);
        }
        assertThat(manager.view(deleted.id())).isEmpty();
        assertThat(create("gone", "op 1")).as("asked again").isEqualTo(gone);
        assertThat(host.instances().toFile().list()).containsExactlyInAnyOrder("1000", "1001", "1002", "1003");
    }

    private InstanceView create(String name, String op) {
        NewInstance one = new NewInstance(
                "empty",
                MemorySize.ofMebibytes(64),
                1,
                List.of(),
                name,
                DiskSize.OF_TEMPLATE,
                UserData.NONE,
                List.of(Forward.parse(":80")));
        Reply reply = manager.send(one, op).orTimeout(60, TimeUnit.SECONDS).join();
        assertThat(reply).isInstanceOf(Reply.InstanceCreated.class);
        return ((Reply.InstanceCreated) reply).instance();
    }

    /** The first has run, and so was on the disk; the others come there a few seconds later, which is now too late. */
    private static String withoutSyncedAfter(String journal, InstanceId first) {
        assertThat(journal).contains("\"synced\":[" + first.number() + "]");
        return journal.replaceAll("\\{\"next\":\\d+,\"synced\":\\[(?!" + first.number() + "\\])[^\\]]*\\]\\}\n", "");
    }

    private static void truncateAll(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.write(file, new byte[0]);
            }
        }
    }
}
