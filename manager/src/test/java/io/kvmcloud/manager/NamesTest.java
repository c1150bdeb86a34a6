package io.kvmcloud.manager;

import static io.kvmcloud.manager.Writes.FRESH;
import static io.kvmcloud.manager.Writes.REPEATED;
import static io.kvmcloud.manager.Writes.failure;
import static io.kvmcloud.manager.Writes.named;
import static io.kvmcloud.manager.Writes.search;
import static io.kvmcloud.manager.Writes.sends;
import static io.kvmcloud.manager.Writes.unread;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No two instances have the same name, also none of two that are being made. */
class NamesTest {

    private static final ControllerName S1 = new ControllerName("s1");
    private static final ControllerName S2 = new ControllerName("s2");
    private static final InstanceId WEB = InstanceId.parse("s1/1000");

    private final ManualClock clock = new ManualClock(Some.NOON);
    private final Controllers controllers = new Controllers(clock, Set.of());
    private final Routing routing = new Routing(clock, controllers, new Placement(), "m");

    @BeforeEach
    void twoControllersAreThereAndNoOther() {
        controllers.rollCalled();
        controllers.queuesAsked();
        clock.pass(Controllers.ROLL_CALL_COMPLETE);
        controllers.heard(Some.up("s1", 8192, 64, Some.MICRO));
        controllers.heard(Some.up("s2", 8192, 64, Some.MICRO));
    }

    @Test
    void aNameThatAnInstanceHasIsRefusedWithItsId() {
        controllers.heard(new Event.InstanceChanged(Some.named("s1/1000", "web")));

        assertThat(failure(routing.arrived(named("a", "web", FRESH))))
                .isEqualTo("REFUSED the name web is taken: s1/1000 has it; nothing was created");
        assertThat(sends(routing.arrived(named("b", "web-2", FRESH)))).isEqualTo("s1 m.1");
    }

    @Test
    void theInstanceMayBeOnAHostThatIsAway() {
        controllers.heard(new Event.InstanceChanged(Some.named("s1/1000", "web")));
        controllers.heard(new Event.ControllerDown(S1));

        assertThat(failure(routing.arrived(named("a", "web", FRESH)))).contains("s1/1000 has it");
    }

    @Test
    void aNameIsFreeWhenItsInstanceIsDeletedOrItsHostForgotten() {
        controllers.heard(new Event.InstanceChanged(Some.named("s1/1000", "web")));
        controllers.heard(new Event.InstanceRemoved(WEB));
        assertThat(sends(routing.arrived(named("a", "web", FRESH)))).isEqualTo("s1 m.1");

        controllers.heard(new Event.InstanceChanged(Some.named("s1/1001", "web")));
        controllers.forget(S1);
        assertThat(sends(routing.arrived(named("b", "web", FRESH)))).isEqualTo("s2 m.2");
    }

    @Test
    void aNameThatTwoHaveIsFreeWhenBothAreGone() {
        controllers.heard(new Event.InstanceChanged(Some.named("s1/1000", "web")));
        controllers.heard(new Event.InstanceChanged(Some.named("s2/2000", "web")));
        controllers.heard(new Event.InstanceRemoved(WEB));
        assertThat(failure(routing.arrived(named("a", "web", FRESH)))).contains("s2/2000 has it");

        controllers.heard(Some.up("s2", 8192, 64, Some.MICRO)); // whose inventory knows of it no more
        assertThat(sends(routing.arrived(named("b", "web", FRESH)))).isEqualTo("s1 m.1");
    }

    @Test
    void twoAtOnceDoNotGetTheSameName() {
        routing.arrived(named("a", "web", FRESH));

        assertThat(failure(routing.arrived(named("b", "web", FRESH))))
                .startsWith("REFUSED the name web is taken: op a is creating an instance of that name");
    }

    @Test
    void theSameCommandAgainGoesWhereItWentAndIsNotRefused() {
        routing.arrived(named("a", "web", FRESH));
        assertThat(sends(routing.arrived(named("a", "web", REPEATED)))).isEqualTo("s1 m.2");

        controllers.heard(new Event.InstanceChanged(Some.named("s1/1000", "web")));
        assertThat(sends(routing.arrived(named("a", "web", REPEATED)))).isEqualTo("s1 m.3");
    }

    @Test
    void aCopyThatCameBackUnreadTakesItsNameToTheNextHost() {
        routing.arrived(named("a", "web", FRESH));

        assertThat(sends(routing.arrived(named("a", "web", unread("m.1"))))).isEqualTo("s2 m.2");
    }

    @Test
    void whatMayHaveBeenDoneBeforeKeepsItsNameWhileItIsLookedFor() {
        String search = search(routing.arrived(named("a", "web", REPEATED)));

        assertThat(failure(routing.arrived(named("b", "web", FRESH)))).contains("op a is creating");
        assertThat(sends(routing.located(search, "a", S2, true))).isEqualTo("s2 m.2");
    }

    @Test
    void whatMayHaveBeenDoneBeforeIsFoundAlsoWhenItsInstanceHasTheName() {
        controllers.heard(new Event.InstanceChanged(Some.named("s2/2000", "web")));
        String search = search(routing.arrived(named("a", "web", REPEATED)));

        assertThat(sends(routing.located(search, "a", S2, true))).isEqualTo("s2 m.2");
    }

    @Test
    void aNameIsFreeWhenNothingCameOfItsCommand() {
        routing.arrived(named("a", "web", FRESH));
        controllers.heard(new Event.InstanceNotCreated(WEB, "a"));
        assertThat(sends(routing.arrived(named("b", "web", FRESH)))).isEqualTo("s2 m.2");

        controllers.heard(new Event.ControllerDown(S1));
        controllers.heard(new Event.ControllerDown(S2));
        assertThat(failure(routing.arrived(named("c", "db", FRESH)))).startsWith("UNREACHABLE");
        controllers.heard(Some.up("s1", 8192, 64, Some.MICRO));
        assertThat(sends(routing.arrived(named("d", "db", FRESH)))).isEqualTo("s1 m.3");
    }

    @Test
    void aNameIsNotKeptForEver() {
        routing.arrived(named("a", "web", FRESH));
        clock.pass(Duration.ofMinutes(3));
        controllers.heard(Some.up("s1", 8192, 64, Some.MICRO));

        var later = Writes.named("b", "web", FRESH, clock.instant().plusSeconds(60));
        assertThat(sends(routing.arrived(later))).isEqualTo("s1 m.2");
    }

    @Test
    void whoHasNoNameIsInNobodysWay() {
        assertThat(sends(routing.arrived(named("a", "", FRESH)))).isEqualTo("s1 m.1");
        assertThat(sends(routing.arrived(named("b", "", FRESH)))).isEqualTo("s2 m.2");
    }
}
