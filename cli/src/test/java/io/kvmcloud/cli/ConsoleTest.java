package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Reply.InstanceLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console of a script; a person at a terminal is in {@code ConsoleIT}. */
class ConsoleTest {

    private static final InstanceId ID = InstanceId.parse("s1/1000");

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @BeforeEach
    void theGuestIsSilentWhenItHasSaidAll() {
        cloud.silent = true;
    }

    @Test
    void aScriptIsTypedInOrderAndItsEndIsTheGuestsSilence() {
        cloud.console.add(new InstanceLog(ID, "root\r\n", 38L, 44L));

        Typed typed = script("root\n");

        assertThat(typed).isEqualTo(new Typed(0, "[    0.0] booting\nlogin: root\n", ""));
        assertThat(input()).extracting(TypeInput::number).containsExactly(0L, 1L);
        assertThat(input()).extracting(TypeInput::text).containsExactly("", "root\n");
        assertThat(input())
                .extracting(TypeInput::line)
                .containsOnly(input().getFirst().line());
    }

    @Test
    void whatIsLongerThanAMessageGoesInSeveralAndCutsNoCharacter() {
        String text = "x" + "\ud83d\ude00".repeat(TypeInput.MOST);

        assertThat(script(text).exit()).isZero();

        assertThat(String.join("", input().stream().map(TypeInput::text).toList()))
                .isEqualTo(text);
        assertThat(input()).allSatisfy(piece -> {
            assertThat(piece.text()).hasSizeLessThanOrEqualTo(TypeInput.MOST);
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(piece.text()))
                    .isTrue();
        });
        assertThat(input().stream().skip(1).map(TypeInput::number).toList()).isSorted();
    }

    @Test
    void anAnswerThatWasLostWithABrokerIsAskedForAgain() {
        cloud.lost.set(1);
        cloud.console.add(new InstanceLog(ID, "root\r\n", 38L, 44L));

        assertThat(script("root\n")).isEqualTo(new Typed(0, "[    0.0] booting\nlogin: root\n", ""));
    }

    @Test
    void aScriptThatIsNotTypedFailsWithTheReason() {
        cloud.typing = new Failure(Reason.REFUSED, "instance s1/1000 is paused", "resume it");

        Typed typed = script("root\n");

        assertThat(typed.exit()).isEqualTo(6);
        assertThat(typed.err()).startsWith("kvm-cloud: instance s1/1000 is paused\n  hint: resume it");
    }

    @Test
    void theEndOfTheInstanceIsToldBehindItsLastWords() {
        cloud.console.add(new InstanceLog(ID, "Power down\r\n", 38L, 50L, false));

        Typed typed = script("");

        assertThat(typed.exit()).isEqualTo(6);
        assertThat(typed.out()).endsWith("login: Power down\n");
        assertThat(typed.err()).startsWith("kvm-cloud: instance s1/1000 does not run\n");
        assertThat(input()).isEmpty();
    }

    @Test
    void noLineOfBeforeIsShownWhenNoneIsWanted() {
        assertThat(script("", "-n", "0")).isEqualTo(new Typed(0, "", ""));
        assertThat(cloud.asked.getFirst()).isEqualTo(new ReadLog(ID, 1));
    }

    private List<TypeInput> input() {
        return cloud.asked.stream()
                .filter(TypeInput.class::isInstance)
                .map(TypeInput.class::cast)
                .toList();
    }

    private Typed script(String text, String... options) {
        String[] words = Stream.concat(Stream.of("console", "s1/1000"), Stream.of(options))
                .toArray(String[]::new);
        return Typed.reading(text, () -> Typed.at(cloud, home, words));
    }
}
