package io.kvmcloud.manager;

import static io.kvmcloud.manager.Writes.FRESH;
import static io.kvmcloud.manager.Writes.REPEATED;
import static io.kvmcloud.manager.Writes.failure;
import static io.kvmcloud.manager.Writes.owner;
import static io.kvmcloud.manager.Writes.parked;
import static io.kvmcloud.manager.Writes.read;
import static io.kvmcloud.manager.Writes.sends;
import static io.kvmcloud.manager.Writes.unread;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.manager.Incoming.Write;
import io.kvmcloud.messages.Reply;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routing of a command for the owner of an instance: one possible host, so never a search. */
class AddressedRoutingTest {

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
    void anAddressedCommandGoesToItsOwnerHoweverOftenItIsAsked() {
        assertThat(sends(routing.arrived(owner("a", "s2", FRESH)))).isEqualTo("s2 m.1");
        assertThat(sends(routing.arrived(owner("a", "s2", REPEATED)))).isEqualTo("s2 m.2");
        assertThat(sends(routing.arrived(owner("b", "s2", REPEATED)))).isEqualTo("s2 m.3");
        assertThat(sends(routing.arrived(owner("c", "s2", read("other-life.1")))))
                .isEqualTo("s2 m.4");
    }

    @Test
    void anAddressedCommandThatComesBackUnreadIsAnsweredWithWhatIsKnown() {
        routing.arrived(owner("a", "s2", FRESH));
        routing.arrived(owner("b", "s2", REPEATED));

        assertThat(failure(routing.arrived(owner("a", "s2", unread("m.1")))))
                .startsWith("UNREACHABLE controller s2 did not pick the command up within 5 s")
                .endsWith("nothing was done");
        assertThat(failure(routing.arrived(owner("b", "s2", unread("m.2")))))
                .endsWith("an earlier copy of the command may have been carried out");
    }

    @Test
    void whatIsKeptIsPutAsideWhileItsControllerIsAwayAndSentWhenItIsBack() {
        Write removal = kept(owner("a", "s2", FRESH));
        clock.pass(Duration.ofSeconds(12));

        assertThat(routing.arrived(removal))
                .singleElement()
                .isInstanceOfSatisfying(
                        Step.Park.class,
                        park -> assertThat(park.what())
                                .isInstanceOfSatisfying(
                                        Reply.InstanceDeleted.class,
                                        later -> assertThat(later.note())
                                                .startsWith("controller s2 is not connected; it is removed when")));
        assertThat(routing.arrived(kept(owner("a", "s2", read("")))))
                .singleElement()
                .isInstanceOf(Step.Park.class);
        beat();
        assertThat(sends(routing.arrived(kept(owner("a", "s2", read("")))))).isEqualTo("s2 m.1");
    }

    @Test
    void whatIsKeptAndNotPickedUpIsPutAsideToo() {
        routing.arrived(kept(owner("a", "s2", FRESH)));

        assertThat(routing.arrived(kept(owner("a", "s2", unread("m.1")))))
                .singleElement()
                .isInstanceOf(Step.Park.class);
        assertThat(sends(routing.arrived(kept(owner("a", "s2", read("")))))).isEqualTo("s2 m.2");
    }

    @Test
    void whatWasStoredForNoManagerWaitsForItsController() {
        clock.pass(Duration.ofSeconds(12));

        assertThat(parked(routing.arrived(owner("a", "s2", FRESH).fromStore())))
                .isEqualTo("request a is stored and is carried out when that is possible before 2026-11-22T12:01:10Z:"
                        + " controller s2 is not connected");
        beat();
        assertThat(sends(routing.arrived(owner("a", "s2", read("")).fromStore())))
                .isEqualTo("s2 m.1");
    }

    @Test
    void anIdThatWasUsedForAnotherControllersInstanceIsRefused() {
        routing.arrived(owner("a", "s1", FRESH));

        assertThat(failure(routing.arrived(owner("a", "s2", REPEATED))))
                .isEqualTo("INVALID op a is another command's, for controller s1; nothing was done");
    }

    @Test
    void anAddressedCommandForAControllerThatIsAwayIsAnsweredAtOnce() {
        clock.pass(Duration.ofSeconds(12));

        assertThat(failure(routing.arrived(owner("a", "s2", FRESH))))
                .isEqualTo("UNREACHABLE controller s2 is not connected (last seen 12 s ago); nothing was done");
    }

    @Test
    void anAddressedCommandForNoControllerThereEverWasIsNotFound() {
        Step.Send send = (Step.Send) routing.arrived(owner("a", "s9", FRESH)).getFirst();

        assertThat(failure(routing.unroutable(send))).isEqualTo("NOT_FOUND there is no controller 's9'");
    }

    @Test
    void anAddressedCommandForAControllerWithoutItsQueueSaysSo() {
        Step.Send send = (Step.Send) routing.arrived(owner("a", "s2", FRESH)).getFirst();

        assertThat(failure(routing.unroutable(send)))
                .isEqualTo("UNREACHABLE controller s2 (last seen 0 s ago) has no queue kvm.controller.s2.commands"
                        + " on this broker; nothing was done");
    }

    private void beat() {
        controllers.heard(Some.up("s1", 8192, 64, Some.MICRO));
        controllers.heard(Some.up("s2", 8192, 64, Some.MICRO));
    }

    private static Write kept(Write write) {
        return new Write(
                write.requestId(),
                write.target(),
                write.key(),
                write.history(),
                write.attempt(),
                write.deadline(),
                true,
                false,
                write.askedBy(),
                write.delivery());
    }
}
