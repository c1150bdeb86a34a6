package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.controller.instance.InstanceState.Failed;
import io.kvmcloud.controller.instance.InstanceState.Offline;
import io.kvmcloud.controller.instance.InstanceState.Online;
import io.kvmcloud.controller.instance.InstanceState.Paused;
import io.kvmcloud.controller.instance.InstanceState.Starting;
import io.kvmcloud.controller.instance.InstanceState.Stopping;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.AddForward;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.Command.RemoveForward;
import io.kvmcloud.messages.Command.RestartInstance;
import io.kvmcloud.messages.Command.ResumeInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionTest {

    private static final InstanceId ID = InstanceId.parse("s2/2000");
    private static final Guest GUEST = new FakeHypervisor().new FakeGuest(new UUID(0, 1), 2300);

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Launch LAUNCH = new Launch("never", () -> GUEST);

    private static final List<InstanceState> STATES = List.of(
            new Offline(""),
            new Starting("r0", NOW, LAUNCH, new CompletableFuture<>()),
            new Online(GUEST),
            new Paused(GUEST),
            new Stopping(GUEST, order(new StopInstance(ID, 30, false), NOW, false), NOW, 30, new CompletableFuture<>()),
            new Failed("no disk"));

    /** The whole table: a request a line, a state a column. */
    @ParameterizedTest(name = "{0}: offline {1}, starting {2}, online {3}, paused {4}, stopping {5}, failed {6}")
    @CsvSource({
        "run,         Start,   Refuse,  Refuse,    Refuse,  Refuse,  Start",
        "stop,        Nothing, Refuse,  AskToStop, Refuse,  Refuse,  Nothing",
        "restart,     Start,   Refuse,  AskToStop, Refuse,  Refuse,  Start",
        "pause,       Refuse,  Refuse,  Pause,     Nothing, Refuse,  Refuse",
        "resume,      Refuse,  Refuse,  Nothing,   Resume,  Refuse,  Refuse",
        "type 0,      Refuse,  OpenLine, Type,     OpenLine, Type,   Refuse",
        "type 1,      Refuse,  Refuse,  Type,      Refuse,  Type,    Refuse",
        "kill,        Nothing, End,     End,       End,     End,     Nothing",
        "delete,      Remove,  Refuse,  Refuse,    Refuse,  Refuse,  Remove",
        "delete -f,   Remove,  Remove,  Remove,    Remove,  Remove,  Remove",
        "forward,     AddPort, Refuse,  AddPort,   AddPort, AddPort, AddPort",
        "unforward,   RemovePort, Refuse, RemovePort, RemovePort, RemovePort, RemovePort",
    })
    void eachRequestHasItsAnswerInEachState(
            String request,
            String offline,
            String starting,
            String online,
            String paused,
            String stopping,
            String failed) {
        assertThat(decided(request, NOW.plusSeconds(1), false))
                .containsExactly(offline, starting, online, paused, stopping, failed);
    }

    @ParameterizedTest(name = "{0} again: offline {1}, starting {2}, online {3}, paused {4}, stopping {5}, failed {6}")
    @CsvSource({
        "run,         Start,   Join,    Nothing,   Refuse,  Refuse,  Start",
        "stop,        Nothing, Refuse,  AskToStop, Refuse,  Refuse,  Nothing",
        "restart,     Start,   Join,    AskToStop, Refuse,  Refuse,  Start",
        "pause,       Refuse,  Refuse,  Pause,     Nothing, Refuse,  Refuse",
        "resume,      Refuse,  Refuse,  Nothing,   Resume,  Refuse,  Refuse",
        "kill,        Nothing, End,     End,       End,     End,     Nothing",
        "delete,      Remove,  Refuse,  Refuse,    Refuse,  Refuse,  Remove",
        "delete -f,   Remove,  Remove,  Remove,    Remove,  Remove,  Remove",
    })
    void whatAnEarlierLifeMayHaveBegunIsDoneWhenItIsSo(
            String request,
            String offline,
            String starting,
            String online,
            String paused,
            String stopping,
            String failed) {
        assertThat(decided(request, NOW.plusSeconds(1), true))
                .containsExactly(offline, starting, online, paused, stopping, failed);
    }

    @ParameterizedTest(
            name = "{0} again, too late: offline {1}, starting {2}, online {3}, paused {4}, stopping {5}, failed {6}")
    @CsvSource({
        "run,         Refuse,  Join,    Nothing,   Refuse,  Refuse,  Refuse",
        "stop,        Nothing, Refuse,  Refuse,    Refuse,  Refuse,  Nothing",
        "restart,     Refuse,  Join,    Refuse,    Refuse,  Refuse,  Refuse",
        "pause,       Refuse,  Refuse,  Refuse,    Nothing, Refuse,  Refuse",
        "resume,      Refuse,  Refuse,  Nothing,   Refuse,  Refuse,  Refuse",
        "kill,        Nothing, Refuse,  Refuse,    Refuse,  Refuse,  Nothing",
        "delete,      Refuse,  Refuse,  Refuse,    Refuse,  Refuse,  Refuse",
        "delete -f,   Refuse,  Refuse,  Refuse,    Refuse,  Refuse,  Refuse",
        "forward,     Refuse,  Refuse,  Refuse,    Refuse,  Refuse,  Refuse",
        "unforward,   Refuse,  Refuse,  Refuse,    Refuse,  Refuse,  Refuse",
    })
    void afterItsDeadlineOnlyWhatIsSoAlreadyIsASuccess(
            String request,
            String offline,
            String starting,
            String online,
            String paused,
            String stopping,
            String failed) {
        assertThat(decided(request, NOW.minusSeconds(1), true))
                .containsExactly(offline, starting, online, paused, stopping, failed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "stop",
                "restart",
                "pause",
                "resume",
                "kill",
                "delete",
                "delete -f",
                "forward",
                "unforward",
                "type 1"
            })
    void afterItsDeadlineAFreshRequestIsNeverBegun(String request) {
        assertThat(decided(request, NOW.minusSeconds(1), false)).containsOnly("Refuse");
    }

    @Test
    void whatIsTooLateSaysWhetherItMayHaveBegunAndWhatIsSoNow() {
        assertThat(refusal(order(new RunInstance(ID), NOW.minusSeconds(1), false), new Offline(""))
                        .message())
                .isEqualTo("request r1 reached its deadline 2026-01-01T11:59:59Z before it could begin");
        assertThat(refusal(order(new RunInstance(ID), NOW.minusSeconds(1), true), new Failed("no disk")))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
                    assertThat(failure.message()).contains("may have begun", "s2/2000 is failed");
                });
    }

    @Test
    void anOnlineInstanceIsNotStartedTwice() {
        Failure refusal = refusal(order(new RunInstance(ID), NOW, false), new Online(GUEST));

        assertThat(refusal.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refusal.message()).isEqualTo("instance s2/2000 is already online");
        assertThat(refusal.hint()).contains("kvm-cloud kill s2/2000");
    }

    @Test
    void aRestartOfAnEarlierLifeIsDoneWhenTheGuestIsYoungerThanTheRequest() {
        FakeHypervisor.FakeGuest guest = new FakeHypervisor().new FakeGuest(new UUID(0, 2), 2300);
        Order order = order(new RestartInstance(ID, 30), NOW.plusSeconds(1), true);

        assertThat(Decision.of(order, new Online(guest), NOW)).isInstanceOf(Decision.AskToStop.class);
        guest.started = NOW;
        assertThat(Decision.of(order, new Online(guest), NOW)).isInstanceOf(Decision.Nothing.class);
    }

    private static List<String> decided(String request, Instant deadline, boolean again) {
        return STATES.stream()
                .map(state -> Decision.of(order(request(request), deadline, again), state, NOW)
                        .getClass()
                        .getSimpleName())
                .toList();
    }

    private static Failure refusal(Order order, InstanceState state) {
        return ((Decision.Refuse) Decision.of(order, state, NOW)).failure();
    }

    private static Order order(Command.Addressed<?> request, Instant deadline, boolean again) {
        return new Order(request, "r1", NOW.minusSeconds(2), deadline, again);
    }

    private static Command.Addressed<?> request(String name) {
        return switch (name) {
            case "run" -> new RunInstance(ID);
            case "stop" -> new StopInstance(ID, 30, false);
            case "restart" -> new RestartInstance(ID, 30);
            case "pause" -> new PauseInstance(ID);
            case "resume" -> new ResumeInstance(ID);
            case "kill" -> new KillInstance(ID);
            case "delete" -> new DeleteInstance(ID, false);
            case "forward" -> new AddForward(ID, Forward.parse(":80"));
            case "type 0" -> new TypeInput(ID, "line", 0, "");
            case "type 1" -> new TypeInput(ID, "line", 1, "x");
            case "unforward" -> new RemoveForward(ID, Forward.Port.parse("80"));
            default -> new DeleteInstance(ID, true);
        };
    }
}
