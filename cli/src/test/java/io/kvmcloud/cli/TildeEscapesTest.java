package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.cli.TildeEscapes.Meant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TildeEscapesTest {

    private static final String CURSOR = "\u001b[24;1R";

    private final TildeEscapes escapes = new TildeEscapes();

    @ParameterizedTest
    @ValueSource(strings = {"~.", "ls\r~.", "ls\n~.", "~~\r~.", "~?~.", "rm\u0003~.", "\r" + CURSOR + "~."})
    void aTildeAndADotAtTheBeginningOfALineLeave(String keys) {
        assertThat(escapes.next(keys).leave()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ls ~.", "~a~.", "~a.", " ~.", "\u001b[A~.", "\u001bx~.", "\t~.", "a" + CURSOR + "~."})
    void elsewhereTheyAreText(String keys) {
        assertThat(escapes.next(keys)).isEqualTo(new Meant(keys, false, false));
    }

    @Test
    void whatFollowsTheEndIsForNobody() {
        assertThat(escapes.next("ls\r~.rm\r")).isEqualTo(new Meant("ls\r", false, true));
    }

    @Test
    void twoTildesAreOneAndAQuestionIsNotTyped() {
        assertThat(escapes.next("~~.\r~?")).isEqualTo(new Meant("~.\r", true, false));
    }

    @Test
    void keysMayComeOneByOne() {
        assertThat(escapes.next("\r")).isEqualTo(new Meant("\r", false, false));
        for (String part : List.of("\u001b", "[", "2", "4", ";", "1", "R")) {
            assertThat(escapes.next(part).text()).isEqualTo(part);
        }
        assertThat(escapes.next("~")).isEqualTo(new Meant("", false, false));
        assertThat(escapes.next("x")).isEqualTo(new Meant("~x", false, false));
        assertThat(escapes.next("\r")).isEqualTo(new Meant("\r", false, false));
        assertThat(escapes.next("~")).isEqualTo(new Meant("", false, false));
        assertThat(escapes.next(".")).isEqualTo(new Meant("", false, true));
    }
}
