package io.kvmcloud.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.Command.TypeInput;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TypedLinesTest {

    private final TypedLines lines = new TypedLines();
    private final StringBuilder console = new StringBuilder();

    @Test
    void whatComesTwiceIsTypedOnce() {
        type("a", 0, "");
        type("a", 1, "l");
        type("a", 2, "s");
        type("a", 2, "s");
        type("a", 1, "l");
        type("a", 0, "");
        type("a", 3, "\r");

        assertThat(console).hasToString("ls\r");
    }

    @Test
    void nothingIsTypedBehindWhatWasLost() {
        type("a", 0, "");
        type("a", 1, "r");

        assertThatThrownBy(() -> type("a", 3, " -rf x\r"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("number 2 of line a has not come, so number 3 is not typed");

        assertThat(console).hasToString("r");
    }

    @Test
    void aLineOfAnEarlierLifeIsNotGoneOnWith() {
        assertThatThrownBy(() -> type("a", 1, "x"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("it was started again, and what was typed last may be lost");

        assertThat(console).isEmpty();
    }

    @Test
    void severalTypeEachInTheirOrder() {
        type("a", 0, "");
        type("b", 0, "");
        type("a", 1, "1");
        type("b", 1, "2");
        type("a", 2, "3");

        assertThat(console).hasToString("123");
    }

    @Test
    void whoHasNotTypedForLongestIsForgotten() {
        type("a", 0, "");
        for (int other = 0; other < 32; other++) {
            type("b" + other, 0, "");
        }

        assertThatThrownBy(() -> type("a", 1, "x")).isInstanceOf(CommandFailed.class);
        type("b0", 1, "y");
        assertThat(console).hasToString("y");
    }

    private void type(String line, long number, String text) {
        assertThat(lines.next(new TypeInput(InstanceId.parse("s1/1000"), line, number, text), () -> {
                    console.append(text);
                    return CompletableFuture.completedFuture(null);
                }))
                .isCompleted();
    }
}
