package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The table, and the lists that are read from it. */
class ControllersTest {

    private static final ControllerName S1 = new ControllerName("s1");
    private static final Capacity ROOM = new Capacity(1024, 0, 8, 0, 0);
    private static final Needs SMALL = new Needs("micro", new MemorySize(256), 2, "");

    private final ManualClock clock = new ManualClock(Some.NOON);
    private final Controllers controllers = new Controllers(clock, Set.of());

    @Test
    void aControllerIsThereFromItsFirstWordUntilItIsSilentForTooLong() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        clock.pass(Controllers.SILENCE);
        assertThat(host().reachable()).isTrue();

        clock.pass(Duration.ofMillis(1));

        assertThat(host().reachable()).isFalse();
        assertThat(host().lastSeen()).isEqualTo("last seen 6 s ago");
        assertThat(controllers.names()).containsExactly(S1);
    }

    @Test
    void aHeartbeatKeepsItThere() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        clock.pass(Duration.ofSeconds(5));
        assertThat(controllers.heard(new Event.ControllerHeartbeat(S1, ROOM))).isTrue();
        clock.pass(Duration.ofSeconds(5));

        assertThat(host().reachable()).isTrue();
        assertThat(host().age()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void oneThatSaysGoodByeIsGoneAtOnceAndStaysListed() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        controllers.heard(new Event.ControllerDown(S1));

        assertThat(host().reachable()).isFalse();
        assertThat(Lists.controllers(controllers, Page.WHOLE).controllers()).hasSize(1);
        assertThat(Lists.templates(controllers).templates()).isEmpty();
    }

    @Test
    void oneThatIsHeardOfWithoutItsInventoryIsToBeAskedUnlessItsAnswerToTheRollCallIsOnItsWay() {
        assertThat(controllers.heard(new Event.ControllerHeartbeat(S1, ROOM))).isTrue();
        complete();
        assertThat(controllers.heard(new Event.ControllerHeartbeat(S1, ROOM))).isFalse();
        assertThat(controllers.heard(Some.up("s1", 1024, 8, Some.MICRO))).isTrue();
    }

    @Test
    void silenceIsExcusedWhileTheBrokerTakesNoMessages() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        clock.pass(Duration.ofSeconds(60));
        controllers.excuseSilence();
        clock.pass(Duration.ofSeconds(6));

        assertThat(host().reachable()).isTrue();
        assertThat(host().age()).isEqualTo(Duration.ofSeconds(66));
    }

    @Test
    void silenceIsExcusedWhileNothingWasHeardButNotOfWhoWasSilentBefore() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        controllers.heard(Some.up("s2", 1024, 8, Some.MICRO));
        clock.pass(Duration.ofSeconds(5));
        controllers.heard(new Event.ControllerHeartbeat(S1, ROOM));
        clock.pass(Duration.ofSeconds(2));
        controllers.watch();
        controllers.deaf();
        clock.pass(Duration.ofSeconds(60));
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.SILENCE);

        assertThat(host().reachable()).isTrue();
        assertThat(controllers.host(new ControllerName("s2")).orElseThrow().reachable())
                .isFalse();

        clock.pass(Duration.ofMillis(1));
        assertThat(host().reachable()).isFalse();
    }

    @Test
    void aManagerThatWasFrozenItselfTakesNobodyForGoneThatWasThereBefore() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        controllers.watch();

        clock.pass(Duration.ofSeconds(24));

        assertThat(host().reachable()).as("by a command that is read first").isTrue();
        controllers.watch();
        assertThat(host().reachable()).isTrue();
        for (int second = 1; second <= 7; second++) {
            clock.pass(Duration.ofSeconds(1));
            controllers.watch();
        }
        assertThat(host().reachable()).isFalse();
    }

    @Test
    void theTableIsNotCompleteWhileTheBrokerStillPutsTheRollCallIntoQueues() {
        controllers.rollCalled();
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        assertThat(controllers.complete()).isFalse();

        controllers.queuesAsked();
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        assertThat(controllers.complete()).isTrue();
    }

    @Test
    void whatIsPlacedCountsUntilTheControllersOwnReportDoes() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        controllers.placed(S1, "m.1", SMALL);
        assertThat(host().memoryFree()).isEqualTo(768);
        assertThat(host().cpusFree()).isEqualTo(6);

        clock.pass(Duration.ofMillis(500));
        controllers.heard(new Event.ControllerHeartbeat(S1, ROOM));
        assertThat(host().memoryFree()).as("a report that may not know of it").isEqualTo(768);

        clock.pass(Duration.ofSeconds(2));
        controllers.heard(new Event.ControllerHeartbeat(S1, new Capacity(1024, 256, 8, 2, 1)));
        assertThat(host().memoryFree()).isEqualTo(768);
        assertThat(host().cpusFree()).isEqualTo(6);
    }

    @Test
    void whatDidNotComeTrueIsTakenBack() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        controllers.placed(S1, "m.1", SMALL);
        controllers.takeBack(S1, "m.1");

        assertThat(host().memoryFree()).isEqualTo(1024);
    }

    @Test
    void instancesFollowTheEvents() {
        InstanceView one = Some.instance("s1", 1000, "micro", 64, 1);
        InstanceView two = Some.instance("s1", 1001, "micro", 64, 1);
        controllers.heard(new Event.ControllerUp(Some.controller("s1", ROOM, Some.MICRO), List.of(two)));
        controllers.heard(new Event.InstanceChanged(one));
        assertThat(Lists.instances(controllers, Page.WHOLE).instances())
                .extracting(InstanceRow::instance)
                .containsExactly(one, two);

        controllers.heard(new Event.InstanceRemoved(two.id()));
        assertThat(Lists.instances(controllers, Page.WHOLE).instances())
                .extracting(InstanceRow::instance)
                .containsExactly(one);

        controllers.heard(new Event.ControllerUp(Some.controller("s1", ROOM, Some.MICRO), List.of()));
        assertThat(Lists.instances(controllers, Page.WHOLE).instances()).isEmpty();
    }

    @Test
    void whatIsToldInPartsIsCompleteWhenTheyHaveComeToTheEnd() {
        List<Event.ControllerUp> parts = parts(1000, 1001, 1002, 1003);

        assertThat(parts).extracting(controllers::heard).doesNotContain(false);

        assertThat(host().described()).isTrue();
        assertThat(numbers()).containsExactly(1000L, 1001L, 1002L, 1003L);
    }

    @Test
    void whoMissesAPartAsksForAllOfIt() {
        List<Event.ControllerUp> parts = parts(1000, 1001, 1002, 1003);
        controllers.heard(parts.get(0));
        controllers.heard(parts.get(2));
        assertThat(controllers.heard(parts.get(3))).isFalse();
        assertThat(host().described()).isFalse();

        assertThat(parts).extracting(controllers::heard).doesNotContain(false);
        assertThat(host().described()).isTrue();
    }

    @Test
    void aControllerThatDiesAmidItsPartsIsKnownWhenItIsBackWithAll() {
        complete();
        controllers.heard(parts(1000, 1001, 1002, 1003).getFirst());
        assertThat(host().described()).isFalse();
        assertThat(controllers.heard(new Event.ControllerHeartbeat(S1, ROOM))).isFalse();

        parts(1001, 1003).forEach(controllers::heard);

        assertThat(host().described()).isTrue();
        assertThat(numbers()).containsExactly(1001L, 1003L);
    }

    @Test
    void aPartSaysNothingOfInstancesOutsideItsRange() {
        parts(1000, 1001, 1002, 1003).forEach(controllers::heard);

        controllers.heard(new Event.ControllerUp(Some.controller("s1", ROOM), List.of(), 1001L, 1003L));

        assertThat(host().described()).isTrue();
        assertThat(numbers()).containsExactly(1000L, 1003L);
    }

    @Test
    void noMoreInstancesAreRememberedThanAHostHasHoweverTheyAreTold() {
        for (long first = 0; first < 2 * ControllerState.MOST_INSTANCES; first += 5_000) {
            List<InstanceView> some = LongStream.range(first, first + 5_000)
                    .mapToObj(number -> Some.instance("s1", number, "micro", 64, 1))
                    .toList();
            controllers.heard(new Event.ControllerUp(Some.controller("s1", ROOM), some, first, first + 5_000));
        }
        assertThat(numbers()).hasSize(ControllerState.MOST_INSTANCES);
    }

    @Test
    void rowsHaveTheAgeOfTheirController() {
        controllers.heard(new Event.ControllerUp(
                Some.controller("s1", ROOM, Some.MICRO), List.of(Some.instance("s1", 1000, "micro", 64, 1))));
        clock.pass(Duration.ofMillis(12_340));

        assertThat(Lists.instances(controllers, Page.WHOLE).instances())
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.ageSeconds()).isEqualTo(12.3);
                    assertThat(row.reachable()).isFalse();
                });
    }

    @Test
    void aTemplateIsListedOnceWithAllWhoOfferIt() {
        controllers.heard(Some.up("s2", 1024, 8, Some.MICRO, Some.DEBIAN));
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));

        assertThat(Lists.templates(controllers).templates())
                .extracting(row -> row.template().name() + " " + row.controllers())
                .containsExactly("debian [s2]", "micro [s1, s2]");
    }

    @Test
    void othersThanThoseItIsRestrictedToAreIgnored() {
        Controllers restricted = new Controllers(clock, Set.of(new ControllerName("s2")));

        assertThat(restricted.heard(Some.up("s1", 1024, 8, Some.MICRO))).isTrue();
        restricted.unheard(S1);

        assertThat(restricted.names()).isEmpty();
    }

    @Test
    void theTableIsFitToBeReadWhenAnswersHavePaused() {
        assertThat(controllers.settled()).isFalse();
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Duration.ofMillis(400));
        assertThat(controllers.settled()).as("nobody has answered yet").isFalse();

        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        assertThat(controllers.settled()).isFalse();
        clock.pass(Controllers.QUIET);

        assertThat(controllers.settled()).isTrue();
    }

    @Test
    void theTableIsFitToBeReadAfterASecondAtTheLatest() {
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.PATIENCE.minusMillis(1));
        assertThat(controllers.settled()).isFalse();

        clock.pass(Duration.ofMillis(1));
        assertThat(controllers.settled()).isTrue();
    }

    @Test
    void theTableIsNotReadWhileOneControllerAfterTheOtherAnswers() {
        controllers.rollCalled();
        controllers.queuesAsked();
        for (int i = 1; i <= 20; i++) {
            clock.pass(Duration.ofMillis(100));
            controllers.heard(Some.up("s" + i, 1024, 8, Some.MICRO));
            assertThat(controllers.settled()).isFalse();
        }
        clock.pass(Controllers.QUIET.minusMillis(1));
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO)); // what it tells every 30 s is no answer any more
        clock.pass(Duration.ofMillis(1));

        assertThat(controllers.settled()).isTrue();
    }

    @Test
    void aTableThatNeverSettlesIsReadWhenTheRollCallMustBeComplete() {
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));

        assertThat(controllers.settled()).isTrue();
    }

    @Test
    void theRegisterIsCompleteTenSecondsAfterTheRollCallAndNeverWhileDeaf() {
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.ROLL_CALL_COMPLETE.minusMillis(1));
        assertThat(controllers.complete()).isFalse();
        clock.pass(Duration.ofMillis(1));
        assertThat(controllers.complete()).isTrue();

        controllers.deaf();
        assertThat(controllers.complete()).isFalse();
        assertThat(controllers.settled()).isFalse();
    }

    @Test
    void aHostileControllerCannotMakeUsRememberWithoutEnd() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        for (int number = 0; number < ControllerState.MOST_INSTANCES + 100; number++) {
            controllers.heard(new Event.InstanceChanged(Some.instance("s1", number, "micro", 64, 1)));
        }

        assertThat(controllers.instancesOf(S1)).hasSize(ControllerState.MOST_INSTANCES);
        assertThat(controllers.instancesOf(S1).getFirst().id()).isEqualTo(new InstanceId(S1, 0));
    }

    @Test
    void oneThatIsForgottenIsGoneWhateverItsQueueStillSendsBackAndIsThereAgainWhenItSpeaks() {
        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        controllers.heard(new Event.ControllerForgotten(S1));
        controllers.unheard(S1);

        assertThat(controllers.names()).isEmpty();
        assertThat(controllers.instancesOf(S1)).isEmpty();

        controllers.heard(Some.up("s1", 1024, 8, Some.MICRO));
        assertThat(host().reachable()).isTrue();
    }

    @Test
    void oneThatIsForgottenIsKnownAgainByAQueueThatItMadeLater() {
        controllers.heard(new Event.ControllerForgotten(S1));
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        controllers.unheard(S1);

        assertThat(controllers.names()).containsExactly(S1);
    }

    private void complete() {
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
    }

    private Host host() {
        return controllers.host(S1).orElseThrow();
    }

    /** All that s1 has, one instance a message. */
    private static List<Event.ControllerUp> parts(long... numbers) {
        List<InstanceView> instances = LongStream.of(numbers)
                .mapToObj(number -> Some.instance("s1", number, "micro", 64, 1))
                .toList();
        List<Event.ControllerUp> parts =
                new ArrayList<>(List.of(new Event.ControllerUp(Some.controller("s1", ROOM), instances)));
        while (parts.getFirst().instances().size() > 1) {
            parts = parts.stream().flatMap(part -> part.halves().stream()).toList();
        }
        return parts;
    }

    private List<Long> numbers() {
        return Lists.instances(controllers, Page.WHOLE).instances().stream()
                .map(row -> row.instance().id().number())
                .toList();
    }
}
