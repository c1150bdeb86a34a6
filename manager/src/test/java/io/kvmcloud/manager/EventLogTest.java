package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.EventRow;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reply.EventList;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a manager tells of what has happened. */
class EventLogTest {

    private static final ControllerName S1 = new ControllerName("s1");
    private static final InstanceView OFFLINE = Some.named("s1/1000", "web-1");
    private static final InstanceView ONLINE = online(OFFLINE);

    private final ManualClock clock = new ManualClock(Some.NOON);
    private final Controllers controllers = new Controllers(clock, Set.of());

    @BeforeEach
    void s1IsThere() {
        tell(OFFLINE);
    }

    @Test
    void theLifeOfAnInstanceIsTold() {
        controllers.heard(new Event.InstanceChanged(ONLINE));
        controllers.heard(new Event.InstanceChanged(ONLINE));
        controllers.heard(new Event.InstanceRemoved(OFFLINE.id()));
        controllers.heard(new Event.InstanceChanged(Some.named("s1/1001", "")));
        controllers.heard(new Event.InstanceNotCreated(InstanceId.parse("s1/1002"), "op"));

        assertThat(words())
                .containsExactly(
                        "s1 UP",
                        "s1/1000 ONLINE",
                        "s1/1000 CHANGED",
                        "s1/1000 DELETED",
                        "s1/1001 CREATED",
                        "s1/1002 NOT_CREATED");
        assertThat(rows().get(3).name()).isEqualTo("web-1");
    }

    @Test
    void aControllerThatIsSilentAndComesBackTellsWhatHappenedMeanwhile() {
        clock.pass(Controllers.SILENCE.plusMillis(1));
        controllers.watch();
        controllers.watch();
        tell(ONLINE, Some.named("s1/1001", ""));
        tell(ONLINE, Some.named("s1/1001", ""));
        controllers.heard(new Event.ControllerDown(S1));
        tell(Some.named("s1/1001", ""));
        controllers.heard(new Event.ControllerForgotten(S1));

        assertThat(words())
                .containsExactly(
                        "s1 UP",
                        "s1 SILENT",
                        "s1/1000 ONLINE",
                        "s1/1001 CREATED",
                        "s1 UP",
                        "s1 DOWN",
                        "s1/1000 DELETED",
                        "s1 UP",
                        "s1 FORGOTTEN");
    }

    @Test
    void drainingAHostAndLettingItTakeInstancesAgainIsToldOnce() {
        for (boolean draining : new boolean[] {true, true, false, false}) {
            controllers.heard(new Event.ControllerHeartbeat(S1, new Capacity(1024, 0, 8, 0, 1, draining)));
        }

        assertThat(words()).containsExactly("s1 UP", "s1 DRAINED", "s1 UNDRAINED");
    }

    @Test
    void whoFollowsIsToldEachEventOnceAlsoWhenManyHappenInOneMoment() {
        EventList first = controllers.eventsSince(0);
        controllers.heard(new Event.InstanceChanged(ONLINE));
        controllers.heard(new Event.InstanceChanged(OFFLINE));
        EventList second = controllers.eventsSince(first.next());

        assertThat(second.events()).extracting(EventRow::event).containsExactly("ONLINE", "OFFLINE");
        assertThat(controllers.eventsSince(second.next())).isEqualTo(new EventList(List.of(), second.next()));
    }

    @Test
    void onlyTheLastThousandAreKept() {
        clock.pass(Duration.ofSeconds(1));
        for (int i = 0; i < 1_001; i++) {
            controllers.heard(new Event.InstanceChanged(ONLINE));
        }

        assertThat(rows()).hasSize(1_000).allMatch(row -> row.event().equals("CHANGED"));
    }

    private static InstanceView online(InstanceView it) {
        return new InstanceView(
                it.id(),
                it.name(),
                it.template(),
                it.memory(),
                it.cpus(),
                it.disk(),
                it.sshPort(),
                it.address(),
                it.login(),
                InstanceStatus.ONLINE,
                it.created(),
                it.note(),
                it.boot(),
                it.forwards(),
                it.diskMillis());
    }

    private void tell(InstanceView... instances) {
        controllers.heard(new Event.ControllerUp(Some.up("s1", 1024, 8).view(), List.of(instances)));
    }

    private List<EventRow> rows() {
        return controllers.eventsSince(0).events();
    }

    private List<String> words() {
        return rows().stream().map(row -> row.subject() + " " + row.event()).toList();
    }
}
