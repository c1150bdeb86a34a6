package io.kvmcloud.controller.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.controller.journal.Journal.Accepted;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Command<?> NEW = new NewInstance("micro", MemorySize.ofMebibytes(128), 1, List.of());
    private static final Command<?> RUN = new RunInstance(InstanceId.parse("s1/1000"));
    private static final Command<?> KILL = new KillInstance(InstanceId.parse("s1/1000"));
    private static final Command<?> KILL_OTHER = new KillInstance(InstanceId.parse("s1/1001"));
    private static final Reply CREATED = new Reply.InstanceCreated(new InstanceView(
            InstanceId.parse("s1/1000"),
            "micro",
            MemorySize.ofMebibytes(128),
            1,
            2200,
            "127.0.0.1",
            "root",
            InstanceStatus.OFFLINE,
            NOW,
            ""));
    private static final Reply OUTCOME = new Reply.Failure(Reason.REFUSED, "no", "");

    @TempDir
    private Path directory;

    private Journal journal;

    @BeforeEach
    void open() throws IOException {
        journal = open(NOW);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void aRequestIsTakenOnceAndThenFound() {
        Accepted first = accept("r1", NEW);
        Accepted second = accept("r1", NEW);

        assertThat(first.toDo()).isTrue();
        assertThat(second.toDo()).isFalse();
        assertThat(second.entry()).isSameAs(first.entry());
    }

    @Test
    void eachPlacedCommandGetsItsOwnNumberAndOthersNone() {
        assertThat(accept("r1", NEW).entry().number()).isEqualTo(1000);
        assertThat(accept("r2", RUN).entry().number()).isEqualTo(-1);
        assertThat(accept("r3", NEW).entry().number()).isEqualTo(1001);
    }

    @Test
    void aDeliveryOfADeadSessionIsNotTaken() {
        assertThat(journal.accept("r1", NEW, NOW, () -> false, _ -> Optional.empty()))
                .isEmpty();
        assertThat(journal.find("r1")).isEmpty();
    }

    @Test
    void anOutcomeIsStillThereAfterARestart() throws IOException {
        settle(accept("r1", RUN), OUTCOME);
        journal.close();

        journal = open(NOW.plusSeconds(60));

        Accepted again = accept("r1", RUN);
        assertThat(again.toDo()).isFalse();
        assertThat(again.entry().outcome().join().reply()).isEqualTo(OUTCOME);
        assertThat(journal.unsettled()).isEmpty();
    }

    @Test
    void whatChangesNothingIsAnsweredWithoutAnyoneDoingItAndStaysSo() throws IOException {
        Accepted kill = accept("r1", KILL, Optional.of(OUTCOME));
        assertThat(kill.toDo()).isFalse();
        assertThat(kill.entry().durable()).succeedsWithin(30, TimeUnit.SECONDS);
        assertThat(kill.entry().outcome().join().reply()).isEqualTo(OUTCOME);
        journal.close();

        journal = open(NOW.plusSeconds(60));

        assertThat(accept("r1", KILL, Optional.empty()).entry().outcome().join().reply())
                .isEqualTo(OUTCOME);
        assertThat(journal.unsettled()).isEmpty();
    }

    @Test
    void whatComesBehindAnotherForItsInstanceIsNotForeseen() {
        Accepted run = accept("r1", RUN);

        assertThat(accept("r2", KILL, Optional.of(OUTCOME)).toDo()).isTrue();
        assertThat(accept("r3", KILL_OTHER, Optional.of(OUTCOME)).toDo()).isFalse();

        settle(run, OUTCOME);
        assertThat(accept("r4", KILL, Optional.of(OUTCOME)).toDo())
                .as("r2 is still under way")
                .isTrue();
    }

    @Test
    void whatAnEarlierLifeDidNotFinishIsUnderWayToo() throws IOException {
        accept("r1", RUN).entry().durable().join();
        journal.close();

        journal = open(NOW.plusSeconds(60));

        assertThat(accept("r2", KILL, Optional.of(OUTCOME)).toDo()).isTrue();
    }

    @Test
    void whatWasNotFinishedIsKnownAfterARestartWithItsNumber() throws IOException {
        accept("r1", NEW).entry().durable().join();
        journal.close();

        journal = open(NOW.plusSeconds(60));

        assertThat(journal.unsettled()).singleElement().satisfies(entry -> {
            assertThat(entry.requestId()).isEqualTo("r1");
            assertThat(entry.number()).isEqualTo(1000);
            assertThat(entry.command()).isEqualTo(NEW);
        });
        assertThat(accept("r2", NEW).entry().number()).isEqualTo(1001);
    }

    @Test
    void oldOutcomesAreForgottenButNumbersNever() throws IOException {
        settle(accept("r1", NEW), OUTCOME);
        journal.close();

        journal = open(NOW.plus(Duration.ofDays(8)));

        assertThat(journal.find("r1")).isEmpty();
        assertThat(journal.gaveOut(1000)).isTrue();
        assertThat(accept("r2", NEW).entry().number()).isEqualTo(1001);
    }

    @Test
    void halfALineOfAPowerCutIsLeftOut() throws IOException {
        settle(accept("r1", RUN), OUTCOME);
        journal.close();
        Files.writeString(directory.resolve("journal"), "{\"request\":\"r2\",\"ty", StandardOpenOption.APPEND);

        journal = open(NOW);

        assertThat(journal.find("r1")).isPresent();
        assertThat(journal.find("r2")).isEmpty();
        settle(accept("r3", RUN), OUTCOME);
        journal.close();
        journal = open(NOW);
        assertThat(journal.find("r3")).isPresent();
    }

    @Test
    void aHundredRequestsAtOnceAreAllOnDisk() throws IOException {
        List<Accepted> all = java.util.stream.IntStream.range(0, 100)
                .mapToObj(each -> accept("r" + each, NEW))
                .toList();
        all.forEach(one -> assertThat(one.entry().durable()).succeedsWithin(5, TimeUnit.SECONDS));
        journal.close();

        journal = open(NOW);

        assertThat(journal.unsettled()).hasSize(100);
    }

    @Test
    void garbageInTheFileIsPutAsideAndTheRestIsKnown() throws IOException {
        settle(accept("r1", RUN), OUTCOME);
        accept("r2", NEW).entry().durable().join();
        journal.close();
        Path file = directory.resolve("journal");
        byte[] whole = Files.readAllBytes(file);
        byte[] garbage = "\u00ff\u00fe not json\n{\"request\":\"r9\"}\n[]\n{\"settled\":\"r1\",\"type\":\"no such\"}\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] both = new byte[garbage.length + whole.length];
        System.arraycopy(garbage, 0, both, 0, garbage.length);
        System.arraycopy(whole, 0, both, garbage.length, whole.length);
        Files.write(file, both);

        journal = open(NOW);

        assertThat(journal.find("r1")).isPresent();
        assertThat(journal.unsettled()).extracting(Journal.Entry::requestId).containsExactly("r2");
        assertThat(accept("r3", NEW).entry().number()).isEqualTo(1001);
        assertThat(Files.readAllBytes(directory.resolve("journal.damaged"))).isEqualTo(garbage);
    }

    @Test
    void oldOutcomesAreForgottenWhileItRunsAndTheFileShrinks() throws IOException {
        journal.close();
        MovingClock clock = new MovingClock();
        journal = Journal.open(directory.resolve("journal"), 1000, Duration.ofHours(1), clock, "boot");
        for (int each = 0; each < 200; each++) {
            settle(accept("old" + each, NEW), OUTCOME);
        }
        Accepted unsettled = accept("unsettled", RUN);
        unsettled.entry().durable().join();
        clock.now = NOW.plus(Duration.ofHours(2));
        Accepted young = accept("young", RUN);
        settle(young, OUTCOME);

        journal.tidy();
        for (int each = 0; each < 50; each++) {
            accept("after" + each, RUN); // beside the rewriting
        }
        settle(unsettled, OUTCOME);

        assertThat(journal.find("old7")).isEmpty();
        String lines = Files.readString(directory.resolve("journal"));
        assertThat(lines).doesNotContain("old7").contains("unsettled", "young");
        journal.close();
        journal = open(clock.now);
        assertThat(journal.unsettled()).hasSize(50);
        assertThat(accept("unsettled", RUN).entry().outcome().join().reply()).isEqualTo(OUTCOME);
        assertThat(accept("young", RUN).entry().outcome().join().reply()).isEqualTo(OUTCOME);
        assertThat(accept("next", NEW).entry().number()).isEqualTo(1200);
    }

    @Test
    void ofMoreThanFitsIntoMemoryTheOldestAreForgottenButNotBeforeTheirDeadline() throws IOException {
        MovingClock clock = new MovingClock();
        reopenWithLittleMemory(clock);
        for (int each = 0; each < 1000; each++) {
            settle(accept("r" + each, KILL), OUTCOME);
        }
        journal.tidy();
        assertThat(journal.find("r0")).as("a copy of it may be on its way").isPresent();

        clock.now = NOW.plus(Duration.ofMinutes(1));
        journal.tidy();
        assertThat(journal.find("r0")).isEmpty();
        assertThat(journal.find("r900")).isPresent();
        reopenWithLittleMemory(clock);
        assertThat(accept("r999", KILL).entry().outcome().join().reply()).isEqualTo(OUTCOME);
        assertThat(Files.readString(directory.resolve("journal")))
                .doesNotContain("\"r0\"")
                .contains("\"r900\"");
    }

    @Test
    void userDataTakesMoreMemoryThanItsCommand() throws IOException {
        MovingClock clock = new MovingClock();
        reopenWithLittleMemory(clock);
        settle(accept("small", KILL), OUTCOME);
        settle(accept("first", withUserData(60_000)), OUTCOME);
        settle(accept("second", withUserData(60_000)), OUTCOME);

        clock.now = NOW.plus(Duration.ofMinutes(1));
        journal.tidy();

        assertThat(journal.find("second")).isPresent();
        assertThat(journal.find("first")).isEmpty();
        assertThat(journal.find("small")).isEmpty();
    }

    @Test
    void itStandsForANewInstanceUntilThatIsOnTheDisk() throws IOException {
        Accepted first = accept("r1", NEW);
        settle(first, CREATED);
        Accepted second = accept("r2", NEW);
        second.entry().durable().join();
        assertThat(journal.unsynced()).containsExactly(first.entry(), second.entry());
        assertThat(journal.lost()).as("this machine still has power").isEmpty();
        reopenAfterAPowerCut("second");

        assertThat(journal.lost()).extracting(Journal.Entry::requestId).containsExactly("r1", "r2");
        assertThat(journal.lost().getFirst().outcome().join().reply()).isEqualTo(CREATED);
        journal.synced(List.of(1000L));
        assertThat(journal.lost()).extracting(Journal.Entry::requestId).containsExactly("r2");
        reopenAfterAPowerCut("third");

        assertThat(journal.lost()).extracting(Journal.Entry::requestId).containsExactly("r2");
        journal.synced(List.of(1001L));
        reopenAfterAPowerCut("fourth");
        assertThat(journal.unsynced()).isEmpty();
        assertThat(accept("r3", NEW).entry().number()).isEqualTo(1002);
    }

    @Test
    void itDoesNotStandForWhatWasNotMadeOrIsDeletedOrWasMadeByTheReleaseBefore() throws IOException {
        settle(accept("refused", NEW), OUTCOME);
        settle(accept("deleted", NEW), CREATED);
        settle(accept("old", NEW), CREATED);
        InstanceId deleted = InstanceId.parse("s1/1001");
        settle(accept("delete", new DeleteInstance(deleted, true)), new Reply.InstanceDeleted(deleted));
        assertThat(journal.unsynced()).extracting(Journal.Entry::requestId).containsExactly("old");
        journal.close();
        Path file = directory.resolve("journal");
        Files.writeString(file, Files.readString(file).replaceAll(",\"boot\":\"boot\"", ""));

        journal = open(NOW, "second");
        assertThat(journal.unsynced()).isEmpty();
    }

    @Test
    void whatIsNotOnTheDiskIsNotForgottenHoweverOldItIs() throws IOException {
        settle(accept("r1", NEW), CREATED);
        journal.close();
        journal = open(NOW.plus(Duration.ofDays(8)), "second");
        assertThat(journal.lost()).extracting(Journal.Entry::requestId).containsExactly("r1");
        journal.synced(List.of(1000L));
        journal.tidy();
        assertThat(journal.find("r1")).isEmpty();
    }

    private static Command<?> withUserData(int length) {
        return new NewInstance(
                "micro",
                MemorySize.ofMebibytes(128),
                1,
                List.of(),
                "",
                DiskSize.OF_TEMPLATE,
                new UserData("#!" + "a".repeat(length)),
                List.of());
    }

    private void reopenWithLittleMemory(Clock clock) throws IOException {
        journal.close();
        var some = new Retention(Duration.ofDays(7), 100_000);
        journal = Journal.open(directory.resolve("journal"), 1000, some, clock, "boot");
    }

    private void reopenAfterAPowerCut(String boot) throws IOException {
        journal.close();
        journal = open(NOW, boot);
    }

    private Journal open(Instant now) throws IOException {
        return open(now, "boot");
    }

    private Journal open(Instant now, String boot) throws IOException {
        return Journal.open(
                directory.resolve("journal"), 1000, Duration.ofDays(7), Clock.fixed(now, ZoneOffset.UTC), boot);
    }

    private static final class MovingClock extends Clock {
        private volatile Instant now = NOW;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private Accepted accept(String requestId, Command<?> command) {
        return accept(requestId, command, Optional.empty());
    }

    private Accepted accept(String requestId, Command<?> command, Optional<Reply> unchanged) {
        return journal.accept(requestId, command, NOW.plusSeconds(30), () -> true, _ -> unchanged)
                .orElseThrow();
    }

    private void settle(Accepted request, Reply outcome) {
        journal.settle(request.entry(), outcome);
        request.entry().outcome().join();
    }
}
