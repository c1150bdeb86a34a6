package io.kvmcloud.controller.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.controller.SmallDisk;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalOnAFullDiskIT {

    private static final InstanceId ID = InstanceId.parse("s1/1000");
    private static final Command<?> DELETE = new DeleteInstance(ID, true);

    /** As long as a command may be: its line needs more than the reserve gives away. */
    private static final Command<?> NEW = new NewInstance(
            "micro",
            MemorySize.ofMebibytes(128),
            1,
            IntStream.range(0, 10).mapToObj(_ -> "ssh-rsa " + "A".repeat(8000)).toList());

    @TempDir
    private Path directory;

    private SmallDisk disk;
    private Journal journal;

    @BeforeEach
    void open() throws IOException {
        disk = new SmallDisk(directory, "1m");
        journal = openAgain();
        assertThat(accept("before", DELETE).durable()).succeedsWithin(30, TimeUnit.SECONDS);
        disk.fill();
    }

    @AfterEach
    void close() {
        journal.close();
        disk.close();
    }

    @Test
    void whatCannotBeWrittenDownWasNeverThereAndTheNextIsTakenWhenThereIsRoom() throws IOException {
        assertThat(accept("refused", NEW).durable())
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("No space left");
        assertThat(journal.find("refused")).isEmpty();

        disk.makeRoom();
        assertThat(accept("taken", NEW).durable()).succeedsWithin(30, TimeUnit.SECONDS);

        journal.close();
        journal = openAgain();
        assertThat(journal.unsettled()).extracting(Journal.Entry::requestId).containsExactly("before", "taken");
    }

    @Test
    void deletionsAndOutcomesStillFindRoomInTheReserve() throws IOException {
        assertThat(accept("refused", NEW).durable()).failsWithin(30, TimeUnit.SECONDS);
        List<Journal.Entry> deletions = IntStream.range(0, 100)
                .mapToObj(each -> accept("delete" + each, DELETE))
                .toList();
        for (Journal.Entry each : deletions) {
            assertThat(each.durable()).succeedsWithin(30, TimeUnit.SECONDS);
            journal.settle(each, new Reply.InstanceDeleted(ID));
            assertThat(each.outcome()).succeedsWithin(30, TimeUnit.SECONDS);
        }

        journal.close();
        journal = openAgain(); // the disk still is full

        assertThat(journal.unsettled()).extracting(Journal.Entry::requestId).containsExactly("before");
        assertThat(journal.find("delete99")).isPresent();
    }

    @Test
    void anOutcomeThatFoundNoRoomIsWrittenLater() throws IOException {
        Journal.Entry entry = accept("r1", DELETE);
        assertThat(entry.durable()).succeedsWithin(30, TimeUnit.SECONDS);
        journal.settle(entry, new Reply.InstanceLog(ID, "x".repeat(200_000), 0L, 0L)); // more than the reserve
        assertThat(entry.outcome()).succeedsWithin(30, TimeUnit.SECONDS);

        disk.makeRoom();
        journal.tidy();

        journal.close();
        journal = openAgain();
        assertThat(journal.unsettled()).extracting(Journal.Entry::requestId).containsExactly("before");
        assertThat(accept("r1", DELETE).outcome().join().reply())
                .isEqualTo(entry.outcome().join().reply());
    }

    private Journal openAgain() throws IOException {
        return Journal.open(directory.resolve("journal"), 1000, Duration.ofDays(7), Clock.systemUTC(), "boot");
    }

    private Journal.Entry accept(String requestId, Command<?> command) {
        return journal.accept(
                        requestId,
                        command,
                        Clock.systemUTC().instant().plusSeconds(30),
                        () -> true,
                        _ -> Optional.empty())
                .orElseThrow()
                .entry();
    }
}
