package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgendaTest {

    private final Agenda<String> agenda = new Agenda<>();

    @Test
    void tasksAreDoneInTheOrderTheyCame() throws InterruptedException {
        agenda.add("first");
        agenda.add("second");
        assertThat(take(2)).containsExactly("first", "second");
    }

    @Test
    void timersAreDoneInTheOrderTheyAreDue() throws InterruptedException {
        agenda.add("late", Duration.ofMillis(60));
        agenda.add("early", Duration.ofMillis(20));
        agenda.add("now");
        assertThat(take(3)).containsExactly("now", "early", "late");
    }

    @Test
    void timersOfTheSameMomentKeepTheirOrder() throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            agenda.add("timer " + i, Duration.ZERO);
            all.add("timer " + i);
        }
        assertThat(take(100)).isEqualTo(all);
    }

    @Test
    void aQueueThatIsNeverEmptyDoesNotKeepATimerWaiting() throws InterruptedException {
        agenda.add("heartbeat", Duration.ofMillis(5));
        for (int taken = 0; taken < 50_000_000; taken++) {
            agenda.add("busy");
            if (agenda.take().equals("heartbeat")) {
                return;
            }
        }
        throw new AssertionError("the timer was never done");
    }

    private List<String> take(int count) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(agenda.take());
        }
        return taken;
    }
}
