package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.ListEvents;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happened, and following what happens; the formats are in {@link OutputTest}. */
class EventsTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @Test
    void eventsAreToldALineEach() {
        Typed typed = Typed.at(cloud, home, "events");

        assertThat(typed.out().replaceAll("(?m)^\\S+ \\S+", "WHEN")).isEqualTo("""
                WHEN  s2/2000   CREATED      web-1
                WHEN  s2/2000   ONLINE       web-1
                WHEN  s1        SILENT       last heard of 6 s ago
                """);
    }

    @Test
    void theyAreChosenAndOrderedLikeAnyList() {
        assertThat(Typed.at(cloud, home, "events", "subject=s2/*", "--sort", "-at", "--format", "value", "-c", "event")
                        .out())
                .isEqualTo("ONLINE\nCREATED\n");
    }

    @Test
    void followingGoesOnAfterTheLastOneThatWasTold() {
        Typed typed = Typed.at(cloud, home, "events", "-f", "event!=CREATED", "--format", "csv", "-c", "subject,event");

        assertThat(typed.out()).isEqualTo("""
                subject,event
                s2/2000,ONLINE
                s1,SILENT
                s2/2000,OFFLINE
                s2/2000,OFFLINE
                """.replace("\n", "\r\n"));
        assertThat(typed.err()).startsWith("kvm-cloud: the manager did not answer within 30 s");
        assertThat(cloud.asked)
                .containsExactly(
                        new ListEvents(0L, 0), new ListEvents(3L, 10), new ListEvents(4L, 10), new ListEvents(5L, 10));
    }

    @Test
    void whoHasSeenEnoughInTheShellHasMadeNoMistake() {
        Thread.currentThread().interrupt();

        Typed typed = Typed.at(cloud, home, "events", "-f");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(typed.exit()).isZero();
    }
}
