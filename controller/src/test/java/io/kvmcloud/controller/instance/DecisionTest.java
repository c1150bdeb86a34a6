package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.controller.instance.InstanceState.Failed;
import io.kvmcloud.controller.instance.InstanceState.Offline;
import io.kvmcloud.controller.instance.InstanceState.Online;
import io.kvmcloud.controller.instance.InstanceState.Starting;
import io.kvmcloud.controller.instance.InstanceState.Stopping;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTest {

    private static final InstanceId ID = InstanceId.parse("s2/2000");
    private static final Guest GUEST = new FakeHypervisor().new FakeGuest(new UUID(0, 1), 2300);

    private static final List<InstanceState> STATES = List.of(
            new Offline(""),
            new Starting(),
            new Online(GUEST),
            new Stopping(GUEST, Instant.EPOCH, 30, new CompletableFuture<>()),
            new Failed("no disk"));

    /** The whole table: a request a line, a state a column. */
    @ParameterizedTest(name = "{0}: offline {1}, starting {2}, online {3}, stopping {4}, failed {5}")
    @CsvSource({
        "run,         Start,   Refuse,  Refuse,    Refuse,  Start",
        "stop,        Nothing, Refuse,  AskToStop, Refuse,  Nothing",
        "kill,        Nothing, Nothing, End,       End,     Nothing",
        "delete,      Remove,  Refuse,  Refuse,    Refuse,  Remove",
        "delete -f,   Remove,  Remove,  Remove,    Remove,  Remove",
    })
    void eachRequestHasItsAnswerInEachState(
            String request, String offline, String starting, String online, String stopping, String failed) {
        List<String> decided = STATES.stream()
                .map(state -> Decision.of(request(request), state).getClass().getSimpleName())
                .toList();

        assertThat(decided).containsExactly(offline, starting, online, stopping, failed);
    }

    @Test
    void anOnlineInstanceIsNotStartedTwice() {
        Decision decision = Decision.of(new RunInstance(ID), new Online(GUEST));

        assertThat(decision).isInstanceOfSatisfying(Decision.Refuse.class, refusal -> {
            assertThat(refusal.failure().reason()).isEqualTo(Reason.REFUSED);
            assertThat(refusal.failure().message()).isEqualTo("instance s2/2000 is already online");
            assertThat(refusal.failure().hint()).contains("kvm-cloud kill s2/2000");
        });
    }

    private static Command.Addressed<?> request(String name) {
        return switch (name) {
            case "run" -> new RunInstance(ID);
            case "stop" -> new StopInstance(ID, 30);
            case "kill" -> new KillInstance(ID);
            case "delete" -> new DeleteInstance(ID, false);
            default -> new DeleteInstance(ID, true);
        };
    }
}
