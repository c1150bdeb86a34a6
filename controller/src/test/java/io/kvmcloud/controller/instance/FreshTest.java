package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** New instances come to the disk later than to whoever asked for them, and are made again if they did not. */
class FreshTest extends OneHost {

    private static final NewInstance WEB = new NewInstance(
            "micro",
            MemorySize.ofMebibytes(128),
            2,
            List.of("ssh-ed25519 AAAA"),
            "web",
            DiskSize.OF_TEMPLATE,
            UserData.NONE,
            List.of(Forward.parse(":80")));

    @Test
    void manyNewInstancesComeToTheDiskAtOnce() {
        instances.create(1000, SMALL);
        instances.create(1001, SMALL);
        assertThat(ledger.synced).isEmpty();

        instances.sync();
        instances.sync();

        assertThat(ledger.synced)
                .singleElement()
                .satisfies(numbers -> assertThat(numbers).containsExactlyInAnyOrder(1000L, 1001L));
    }

    @Test
    void theFirstRunBringsAnInstanceToTheDiskBeforeItIsAnsweredAndLaterOnesDoNot() {
        instances.create(1000, SMALL);
        instances.create(1001, SMALL);

        ask(new RunInstance(FIRST));
        assertThat(ledger.synced).containsExactly(List.of(1000L));
        hypervisor.only().end("it ended");
        instances.sync();
        assertThat(ledger.synced).containsExactly(List.of(1000L), List.of(1001L));
    }

    @Test
    void aGuestWhoseInstanceDoesNotComeToTheDiskIsEnded() {
        instances.create(1000, SMALL);
        ledger.full = true;

        assertThatThrownBy(() -> ask(new RunInstance(FIRST)))
                .isInstanceOf(CommandFailed.class)
                .hasMessage("controller s1 cannot bring s1/1000 to its disk: no space left");
        assertThat(hypervisor.running).isEmpty();
        assertThat(status()).isEqualTo(InstanceStatus.FAILED);

        instances.sync(); // cannot either
        ledger.full = false;
        ask(new RunInstance(FIRST));
        assertThat(ledger.synced).containsExactly(List.of(1000L));
    }

    @Test
    void whatWasAnsweredAndIsLostOrBrokenAfterAPowerCutIsMadeAgainAsItWasAnswered() throws IOException {
        InstanceView other = instances.create(1000, SMALL).instance();
        InstanceView web = instances.create(1001, WEB).instance();
        InstanceView third = instances.create(1002, SMALL).instance();
        instances.close();
        DurableFile.deleteTree(directory.resolve("1000"));
        Files.write(directory.resolve("1001/instance.json"), new byte[0]);
        Files.write(directory.resolve("1001/disk"), new byte[0]);
        Files.createDirectory(directory.resolve(".1001"));
        ledger.lost.add(new Ledger.Lost(1000, SMALL, other));
        ledger.lost.add(new Ledger.Lost(1001, WEB, web));
        ledger.unsynced.addAll(List.of(1000L, 1001L, 1002L));
        reopen();

        assertThat(instances.views()).containsExactly(other, web, third);
        assertThat(directory.resolve("1001/disk")).hasContent("overlay");
        assertThat(directory.resolve(".1001")).doesNotExist();
        assertThat(directory.toFile().list()).doesNotContain("damaged-1001");
        assertThat(ledger.synced)
                .singleElement()
                .satisfies(numbers -> assertThat(numbers).containsExactlyInAnyOrder(1000L, 1001L, 1002L));
    }

    @Test
    void whatWasNotAnsweredBeforeAPowerCutIsNotTakenForWhole() throws IOException {
        instances.create(1000, SMALL);
        instances.close();
        Files.write(directory.resolve("1000/disk"), new byte[0]);
        ledger.lost.add(new Ledger.Lost(1000, SMALL, null));
        ledger.unsynced.add(1000L);
        reopen();

        assertThat(instances.views()).isEmpty();
        assertThat(ledger.synced).as("not made, so not on the disk").isEmpty();
        instances.create(1000, SMALL);
        assertThat(directory.resolve("1000/disk")).hasContent("overlay");
    }

    @Test
    void whatCannotBeMadeAgainNowIsLeftToTheNextStart() throws IOException {
        InstanceView first = instances.create(1000, SMALL).instance();
        instances.close();
        ledger.lost.add(new Ledger.Lost(1000, SMALL, first));
        ledger.unsynced.add(1000L);
        hypervisor.diskFull = true;
        reopen();
        assertThat(instances.views()).isEmpty();
        assertThat(ledger.synced).isEmpty();

        instances.close();
        hypervisor.diskFull = false;
        reopen();
        assertThat(instances.views()).containsExactly(first);
    }
}
