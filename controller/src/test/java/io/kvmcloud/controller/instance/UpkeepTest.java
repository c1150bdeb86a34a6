package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.InstanceId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpkeepTest {

    private static final Guest GUEST = new FakeHypervisor().new FakeGuest(new UUID(0, 1), 2300);

    private static final Order STOP = new Order(
            new StopInstance(InstanceId.parse("s1/1000"), 30, false), "r0", Instant.EPOCH, Instant.EPOCH, false);

    private static final List<InstanceState> STATES = List.of(
            new InstanceState.Offline(""),
            new InstanceState.Starting(
                    "r0", Instant.EPOCH, new Launch("never", () -> GUEST), new CompletableFuture<>()),
            new InstanceState.Online(GUEST),
            new InstanceState.Paused(GUEST),
            new InstanceState.Stopping(GUEST, STOP, Instant.EPOCH, 30, new CompletableFuture<>()),
            new InstanceState.Failed("no disk"));

    @ParameterizedTest(
            name =
                    "directory {0}, record {1}: offline {2}, starting {3}, online {4}, paused {5}, stopping {6}, failed {7}")
    @CsvSource({
        "true,  true,  TIDY,      NOTHING, ASK_GUEST,    ASK_GUEST,    ASK_GUEST,    TIDY",
        "true,  false, PUT_ASIDE, NOTHING, WRITE_RECORD, WRITE_RECORD, WRITE_RECORD, PUT_ASIDE",
        "false, false, FORGET,    NOTHING, FORGET,       FORGET,       FORGET,       FORGET",
    })
    void eachStateLooksAfterItself(
            boolean directory,
            boolean record,
            Upkeep offline,
            Upkeep starting,
            Upkeep online,
            Upkeep paused,
            Upkeep stopping,
            Upkeep failed) {
        assertThat(STATES.stream().map(state -> Upkeep.of(state, directory, record)))
                .containsExactly(offline, starting, online, paused, stopping, failed);
    }
}
