package io.kvmcloud.manager;

import static io.kvmcloud.manager.Writes.FRESH;
import static io.kvmcloud.manager.Writes.REPEATED;
import static io.kvmcloud.manager.Writes.anyone;
import static io.kvmcloud.manager.Writes.asked;
import static io.kvmcloud.manager.Writes.failure;
import static io.kvmcloud.manager.Writes.parked;
import static io.kvmcloud.manager.Writes.read;
import static io.kvmcloud.manager.Writes.search;
import static io.kvmcloud.manager.Writes.sends;
import static io.kvmcloud.manager.Writes.unread;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known of a request × what arrives ⇒ what is done. */
class RoutingTest {

    private static final ControllerName S1 = new ControllerName("s1");
    private static final ControllerName S2 = new ControllerName("s2");

    private final ManualClock clock = new ManualClock(Some.NOON);
    private final Controllers controllers = new Controllers(clock, Set.of());
    private final Routing routing = new Routing(clock, controllers, new Placement(), "m");

    @BeforeEach
    void twoControllersAreThereAndNoOther() {
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        beat();
    }

    @Test
    void aFreshCommandIsPlacedRoundRobinWithoutAskingAnyone() {
        assertThat(sends(routing.arrived(anyone("a", FRESH)))).isEqualTo("s1 m.1");
        assertThat(sends(routing.arrived(anyone("b", FRESH)))).isEqualTo("s2 m.2");
        assertThat(sends(routing.arrived(anyone("c", FRESH)))).isEqualTo("s1 m.3");
    }

    @Test
    void aKnownRequestThatIsAskedAgainGoesToTheSameController() {
        routing.arrived(anyone("a", FRESH));

        assertThat(sends(routing.arrived(anyone("a", REPEATED)))).isEqualTo("s1 m.2");
        assertThat(sends(routing.arrived(anyone("a", FRESH)))).isEqualTo("s1 m.3");
    }

    @Test
    void theOnlyCopyThatComesBackUnreadIsPlacedElsewhereAtOnce() {
        routing.arrived(anyone("a", FRESH));

        assertThat(sends(routing.arrived(anyone("a", unread("m.1"))))).isEqualTo("s2 m.2");
    }

    @Test
    void aCopyThatComesBackUnreadGoesToTheSameControllerWhenThereIsNoOther() {
        controllers.heard(new Event.ControllerDown(S2));
        routing.arrived(anyone("a", FRESH));

        assertThat(sends(routing.arrived(anyone("a", unread("m.1"))))).isEqualTo("s1 m.2");
    }

    @Test
    void aStaleCopyThatComesBackIsDropped() {
        routing.arrived(anyone("a", FRESH));
        routing.arrived(anyone("a", REPEATED));

        assertThat(routing.arrived(anyone("a", unread("m.1")))).singleElement().isInstanceOf(Step.Drop.class);
        assertThat(routing.arrived(anyone("a", unread("other-life.1"))))
                .singleElement()
                .isInstanceOf(Step.Drop.class);
    }

    @Test
    void theLatestOfTwoCopiesThatComesBackIsSearchedForSinceTheOtherMayHaveBeenRead() {
        routing.arrived(anyone("a", FRESH));
        routing.arrived(anyone("a", REPEATED));

        assertThat(asked(routing.arrived(anyone("a", unread("m.2"))))).containsExactly(S1, S2);
    }

    @Test
    void aCopyThatAControllerHeldWhenItWentDownIsSearchedFor() {
        routing.arrived(anyone("a", FRESH));

        assertThat(asked(routing.arrived(anyone("a", read("m.1"))))).containsExactly(S1, S2);
    }

    @Test
    void anUnknownRequestThatMayHaveBeenSeenIsSearchedFor() {
        assertThat(asked(routing.arrived(anyone("a", REPEATED)))).containsExactly(S1, S2);
        assertThat(asked(routing.arrived(anyone("b", unread("other-life.7"))))).containsExactly(S1, S2);
        assertThat(asked(routing.arrived(anyone("c", read(""))))).containsExactly(S1, S2);
    }

    @Test
    void foundAtAControllerItIsSentThereAndNeverElsewhereWhenItComesBack() {
        String search = search(routing.arrived(anyone("a", REPEATED)));

        assertThat(sends(routing.located(search, "a", S2, true))).isEqualTo("s2 m.2");
        assertThat(asked(routing.arrived(anyone("a", unread("m.2"))))).containsExactly(S1, S2);
    }

    @Test
    void itIsPlacedWhenEveryControllerSaysNoAndIsThenTheOnlyCopy() {
        String search = search(routing.arrived(anyone("a", REPEATED)));

        assertThat(routing.located(search, "a", S1, false)).isEmpty();
        assertThat(sends(routing.located(search, "a", S2, false))).isEqualTo("s1 m.2");
        assertThat(sends(routing.arrived(anyone("a", unread("m.2"))))).isEqualTo("s2 m.3");
    }

    @Test
    void thoseWhoHaveNotAnsweredAreAskedAgainEverySecond() {
        String search = search(routing.arrived(anyone("a", REPEATED)));
        routing.located(search, "a", S1, false);

        clock.pass(Duration.ofSeconds(1));

        assertThat(asked(routing.again(search, "a"))).containsExactly(S2);
    }

    @Test
    void anAnswerToAnEarlierSearchDecidesNothing() {
        String first = search(routing.arrived(anyone("a", REPEATED)));
        routing.located(first, "a", S1, true);
        String second = search(routing.arrived(anyone("a", read("m.2"))));

        assertThat(routing.located(first, "a", S1, false)).isEmpty();
        assertThat(routing.located(second, "a", S2, false)).isEmpty();
        assertThat(routing.again(first, "a")).isEmpty();
        assertThat(sends(routing.located(second, "a", S1, true))).isEqualTo("s1 m.4");
    }

    @Test
    void copiesThatArriveDuringTheSearchFollowItsOutcome() {
        String search = search(routing.arrived(anyone("a", REPEATED)));

        assertThat(routing.arrived(anyone("a", REPEATED))).isEmpty();
        assertThat(routing.arrived(anyone("a", unread("m.0")))).isEmpty();

        assertThat(routing.located(search, "a", S2, true))
                .extracting(Writes::shown)
                .containsExactly("send s2 m.2", "send s2 m.3", "drop");
    }

    @Test
    void whileAControllerIsAwayTheCommandIsParkedAndItsClientTold() {
        controllers.heard(new Event.ControllerDown(S2));
        String search = search(routing.arrived(anyone("a", REPEATED)));
        routing.located(search, "a", S1, false);

        clock.pass(Duration.ofSeconds(2));
        assertThat(asked(routing.again(search, "a"))).containsExactly(S2);
        clock.pass(Duration.ofSeconds(1));

        assertThat(routing.again(search, "a")).singleElement().isInstanceOfSatisfying(Step.Park.class, park -> {
            assertThat(((Failure) park.what()).reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(((Failure) park.what()).message())
                    .contains("request a is in doubt")
                    .contains("s2 (last seen 3 s ago)");
        });
        assertThat(asked(routing.arrived(anyone("a", read(""))))).containsExactly(S1, S2);
    }

    @Test
    void aControllerThatSeemsToBeThereAndDoesNotAnswerHoldsNothingUpForLong() {
        String search = search(routing.arrived(anyone("a", REPEATED)));
        routing.located(search, "a", S1, false);

        clock.pass(Routing.PATIENCE_WITH_SILENT.minusSeconds(1));
        beat();
        assertThat(asked(routing.again(search, "a"))).containsExactly(S2);
        clock.pass(Duration.ofSeconds(1));
        beat();

        assertThat(routing.again(search, "a")).singleElement().isInstanceOf(Step.Park.class);
    }

    @Test
    void aManagerThatHasJustStartedPlacesNoPossibleDuplicateBeforeTheRollCallIsComplete() {
        controllers.deaf();
        controllers.rollCalled();
        controllers.queuesAsked();
        String search = search(routing.arrived(anyone("a", REPEATED)));

        routing.located(search, "a", S1, false);
        assertThat(routing.located(search, "a", S2, false)).isEmpty();
        clock.pass(Controllers.ROLL_CALL_COMPLETE.minusSeconds(1));
        beat();
        assertThat(asked(routing.again(search, "a"))).isEmpty();
        clock.pass(Duration.ofSeconds(1));

        assertThat(sends(routing.again(search, "a"))).isEqualTo("s1 m.2");
    }

    @Test
    void aControllerThatIsKnownByItsQueueAloneIsAskedToo() {
        controllers.unheard(new ControllerName("s3"));
        String search = search(routing.arrived(anyone("a", REPEATED)));

        routing.located(search, "a", S1, false);
        routing.located(search, "a", S2, false);
        clock.pass(Duration.ofSeconds(3));

        assertThat(routing.again(search, "a"))
                .singleElement()
                .isInstanceOfSatisfying(
                        Step.Park.class,
                        park -> assertThat(((Failure) park.what()).message())
                                .contains("s3 (not seen since this manager started)"));
    }

    @Test
    void aCommandWhoseQueueIsMissingIsPlacedOnTheNextController() {
        Step.Send first = (Step.Send) routing.arrived(anyone("a", FRESH)).getFirst();

        assertThat(sends(routing.unroutable(first))).isEqualTo("s2 m.2");
    }

    @Test
    void aCommandForWhichNoQueueIsThereAtAllIsAnswered() {
        Step.Send first = (Step.Send) routing.arrived(anyone("a", FRESH)).getFirst();
        Step.Send second = (Step.Send) routing.unroutable(first).getFirst();

        assertThat(failure(routing.unroutable(second))).startsWith("UNREACHABLE no controller is connected");
    }

    @Test
    void whatWasStoredForNoManagerWaitsForAControllerAndIsPlacedWithoutAskingWhoIsAway() {
        clock.pass(Controllers.SILENCE.plusSeconds(1));

        assertThat(failure(routing.arrived(anyone("live", FRESH))))
                .startsWith("UNREACHABLE no controller is connected\n  s1: last seen 7 s ago");
        assertThat(parked(routing.arrived(anyone("a", FRESH).fromStore())))
                .isEqualTo("request a is stored and is carried out when that is possible before 2026-11-22T12:01:10Z:"
                        + " no controller is connected\n  s1: last seen 7 s ago\n  s2: last seen 7 s ago");
        assertThat(parked(routing.arrived(anyone("a", read("")).fromStore()))).startsWith("request a is stored");
        controllers.heard(Some.up("s2", 8192, 64, Some.MICRO));

        assertThat(sends(routing.arrived(anyone("a", read("")).fromStore()))).isEqualTo("s2 m.1");
    }

    @Test
    void aSecondCopyOfWhatWaitsForAControllerIsSearchedForAndTheFirstThenDropped() {
        clock.pass(Controllers.SILENCE.plusSeconds(1));
        parked(routing.arrived(anyone("a", FRESH).fromStore()));
        beat();

        String search = search(routing.arrived(anyone("a", REPEATED)));
        routing.located(search, "a", S1, false);
        assertThat(sends(routing.located(search, "a", S2, false))).startsWith("s1");

        assertThat(routing.arrived(anyone("a", read("")).fromStore()))
                .extracting(Writes::shown)
                .containsExactly("drop");
    }

    @Test
    void whatWasStoredWaitsForEveryonesAnswerToTheRollCallAndIsThenRefusedForGood() {
        controllers.rollCalled();
        controllers.queuesAsked();
        Write large = Writes.needing("a", new Needs("debian", new MemorySize(512), 1, ""), FRESH);

        assertThat(failure(routing.arrived(large))).startsWith("NOT_FOUND there is no template 'debian'");
        assertThat(parked(routing.arrived(large.fromStore()))).endsWith(": there is no template 'debian'");
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        beat();

        assertThat(failure(routing.arrived(large.fromStore()))).startsWith("NOT_FOUND there is no template 'debian'");
    }

    @Test
    void whatWasStoredAndReachesItsDeadlineWithNoControllerWasNotDone() {
        clock.pass(Controllers.SILENCE.plusSeconds(1));
        parked(routing.arrived(anyone("a", FRESH).fromStore()));
        clock.pass(Duration.ofSeconds(70));

        assertThat(failure(routing.arrived(anyone("a", read("")).fromStore())))
                .startsWith("TIMED_OUT")
                .endsWith("nothing was done");
    }

    @Test
    void aCommandThatTheBrokerMayHaveStoredGoesNowhereElse() {
        Step.Send first = (Step.Send) routing.arrived(anyone("a", FRESH)).getFirst();

        assertThat(failure(routing.refused(first))).startsWith("UNREACHABLE the broker did not take the command");
        assertThat(asked(routing.arrived(anyone("a", unread("m.1"))))).containsExactly(S1, S2);
    }

    @Test
    void aCommandPastItsDeadlineIsAnsweredAndNeverForwarded() {
        clock.pass(Duration.ofSeconds(70));

        assertThat(failure(routing.arrived(anyone("a", FRESH))))
                .startsWith("TIMED_OUT")
                .endsWith("nothing was done");
        assertThat(failure(routing.arrived(anyone("b", REPEATED))))
                .startsWith("TIMED_OUT")
                .endsWith("an earlier copy of the command may have been carried out");
    }

    @Test
    void aSearchEndsAtTheDeadlineAtTheLatest() {
        String search = search(routing.arrived(anyone("a", REPEATED)));

        clock.pass(Duration.ofSeconds(70));

        assertThat(failure(routing.again(search, "a"))).startsWith("TIMED_OUT");
        assertThat(routing.located(search, "a", S1, true)).isEmpty();
    }

    private void beat() {
        controllers.heard(Some.up("s1", 8192, 64, Some.MICRO));
        controllers.heard(Some.up("s2", 8192, 64, Some.MICRO));
    }
}
