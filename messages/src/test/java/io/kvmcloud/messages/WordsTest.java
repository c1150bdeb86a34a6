package io.kvmcloud.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Forward.Protocol;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The few words that messages are made of: names, ids, amounts of memory. */
class WordsTest {

    @ParameterizedTest
    @ValueSource(strings = {"s1", "a", "rack-7-left", "abcdefghijklmnopqrstuvwxyz012345"})
    void controllerNamesAreOneWordOfARoutingKey(String name) {
        assertThat(new ControllerName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "S1",
                "1s",
                "-s",
                "s.1",
                "s_1",
                "s 1",
                "s/1",
                "s*",
                "s#",
                "../s",
                "s1\n",
                "ß",
                "s１",
                "abcdefghijklmnopqrstuvwxyz0123456"
            })
    void whatCouldBeMoreThanAWordIsNoControllerName(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ControllerName(name))
                .withMessageContaining("is not a controller name");
    }

    @ParameterizedTest
    @CsvSource({"s1/0, s1, 0", "s2/2000, s2, 2000", "a-b/999999999999999, a-b, 999999999999999", "s1/007, s1, 7"})
    void instanceIdsAreControllerAndNumber(String text, String controller, long number) {
        assertThat(InstanceId.parse(text)).isEqualTo(new InstanceId(new ControllerName(controller), number));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s1",
                "s1/",
                "/1",
                "s1/-1",
                "s1/1.0",
                "s1/1000000000000000",
                "s1/1/2",
                "s1 /1",
                "s1/ 1",
                "S1/1",
                "s1/x",
                "s1/1\n",
                "s1/../1",
                "s1/٣",
                "s1\\1"
            })
    void nothingElseIsAnInstanceId(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InstanceId.parse(text))
                .withMessageContaining("CONTROLLER/NUMBER");
    }

    @ParameterizedTest
    @CsvSource({
        "64, 64",
        "64M, 64",
        "64m, 64",
        "64MB, 64",
        "64MiB, 64",
        "'64 MiB', 64",
        "' 64 ', 64",
        "2G, 2048",
        "2gb, 2048",
        "2GiB, 2048",
        "1T, 1048576",
        "1TiB, 1048576",
        "16T, 16777216",
        "16777216, 16777216",
        "0001, 1"
    })
    void memoryIsMebibytesOrHasAUnit(String text, long mebibytes) {
        assertThat(MemorySize.parse(text)).isEqualTo(MemorySize.ofMebibytes(mebibytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "M",
                "64X",
                "64K",
                "64KiB",
                "6.4G",
                "6,4",
                "-64",
                "+64",
                "64 M B",
                "0x40",
                "1e3",
                "64MM",
                "٦٤",
                "1234567890123456789",
                "64\u001b[2J"
            })
    void nothingElseIsAnAmountOfMemory(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemorySize.parse(text))
                .withMessageContaining("is not a size")
                .satisfies(failed -> assertThat(failed.getMessage()).doesNotContain("\u001b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0G", "16777217", "17T", "16385G", "999999999999T", "999999999999999999T"})
    void memoryOutOfRangeIsToldTheRange(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemorySize.parse(text))
                .withMessageContaining("between 1 MiB and 16777216 MiB (16 TiB), not ");
    }

    @ParameterizedTest
    @CsvSource({"64, 64", "4G, 4096", "0, 0", "16T, 16777216"})
    void aDiskIsWrittenAsMemoryIsAndNothingIsTheTemplates(String text, long mebibytes) {
        assertThat(DiskSize.parse(text)).isEqualTo(new DiskSize(mebibytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"17T", "16777217", "999999999999999999T"})
    void aDiskOutOfRangeIsToldTheRange(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DiskSize.parse(text))
                .withMessageContaining("at most 16777216 MiB (16 TiB), not ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"web", "web-1", "1", "a--b", "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz"})
    void aNameIsALabelOfADomain(String name) {
        assertThat(InstanceName.checked(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Web",
                "-web",
                "web-",
                "we_b",
                "we b",
                "we.b",
                "s1/1000",
                "web*",
                "web\n",
                "wéb",
                "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz0"
            })
    void nothingElseIsAName(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InstanceName.checked(name))
                .withMessageContaining("1 to 63 of a-z, 0-9 and '-'");
    }

    @ParameterizedTest
    @CsvSource({"s1/2, s1/10", "s1/10, s2/1", "a/9, b/1"})
    void idsAreOrderedByControllerThenByNumber(String smaller, String larger) {
        assertThat(InstanceId.parse(smaller)).isLessThan(InstanceId.parse(larger));
    }

    @ParameterizedTest
    @CsvSource({
        "8080:80, 8080, 80, TCP, 8080:80/tcp",
        "1:65535/tcp, 1, 65535, TCP, 1:65535/tcp",
        "5353:53/udp, 5353, 53, UDP, 5353:53/udp",
        ":80, 0, 80, TCP, :80/tcp",
        "0:80, 0, 80, TCP, :80/tcp"
    })
    void aForwardIsHostAndGuest(String text, int host, int guest, Protocol protocol, String spelledOut) {
        assertThat(Forward.parse(text))
                .isEqualTo(new Forward(host, guest, protocol))
                .hasToString(spelledOut);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "80", "80:", ":", "8080-80", "a:b", "8080:80/sctp", "8080:80/", "1:2:3", "-1:80", "80: 80"})
    void nothingElseIsAForward(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Forward.parse(text))
                .withMessageContaining("is no forward: it is written HOST:GUEST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"65536:80", "80:65536", "80:0", ":0"})
    void aPortHasSixteenBits(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Forward.parse(text))
                .withMessageContaining("a port is between 1 and 65535, not");
    }

    @Test
    void anInstanceHasAPortOfTheHostOnceAndAnyFreeOneAsOftenAsItLikes() {
        List<Forward> fine =
                List.of(Forward.parse("53:53"), Forward.parse("53:53/udp"), Forward.parse(":80"), Forward.parse(":80"));
        assertThat(Forward.distinct(fine)).isEqualTo(fine);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Forward.distinct(List.of(Forward.parse("8080:80"), Forward.parse("8080:81"))))
                .withMessage("the host's port 8080/tcp is forwarded twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Forward.distinct(Collections.nCopies(21, Forward.parse(":80"))))
                .withMessage("an instance has at most 20 forwards, not 21");
    }

    @Test
    void userDataIsTextOfAtMost64KibibytesAndKeepsItsSecrets() {
        UserData largest = new UserData("é".repeat(32 << 10));
        assertThat(new NewInstance(
                        "t",
                        MemorySize.ofMebibytes(1),
                        1,
                        List.of(),
                        "",
                        DiskSize.OF_TEMPLATE,
                        new UserData("hunter2"),
                        List.of()))
                .asString()
                .doesNotContain("hunter2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserData(largest.text() + "x"))
                .withMessage("user-data has at most 65536 bytes (64 KiB), and this has 65537");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserData("gz\0"))
                .withMessage("user-data is text, and byte 2 of this is 0");
    }
}
