package io.kvmcloud.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reason;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever arrives is read, or refused with a reason; nothing else happens, and it does not take long. */
class HostileInputTest {

    private static final Duration SOON = Duration.ofSeconds(2);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                                                | it is empty",
                "hello                                             | no JSON",
                "{                                                 | no JSON",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":1} {} | there is more after",
                "null                                              | null instead of a JSON object",
                "[]                                                | must be an object",
                "5                                                 | must be an object",
                "\"x\"                                             | must be an object",
                "{\"memory\":64,\"cpus\":1}                        | 'template' is missing",
                "{\"template\":\"m\",\"memory\":64}                | 'cpus' is missing",
                "{\"template\":null,\"memory\":64,\"cpus\":1}      | 'template' is missing",
                "{\"template\":5,\"memory\":64,\"cpus\":1}         | 'template' must be text",
                "{\"template\":true,\"memory\":64,\"cpus\":1}      | 'template' must be text",
                "{\"template\":{},\"memory\":64,\"cpus\":1}        | 'template' must be text",
                "{\"template\":\"m\",\"memory\":\"64\",\"cpus\":1} | 'memory' must be a whole number",
                "{\"template\":\"m\",\"memory\":6.4,\"cpus\":1}    | 'memory' must be a whole number",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":\"1\"} | 'cpus' must be a whole number",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":1.0}   | 'cpus' must be a whole number",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":true}  | 'cpus' must be a whole number",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":NaN}   | NaN",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":1e99}  | 'cpus' must be a whole number",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":99999999999} | out of range",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":0}     | CPUs must be between 1 and 256, not 0",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":-1}    | CPUs must be between 1 and 256, not -1",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":257}   | CPUs must be between 1 and 256, not 257",
                "{\"template\":\"m\",\"memory\":0,\"cpus\":1}      | 'memory': memory must be between 1 MiB and",
                "{\"template\":\"m\",\"memory\":-64,\"cpus\":1}    | 'memory': memory must be between 1 MiB and",
                "{\"template\":\"m\",\"memory\":16777217,\"cpus\":1} | 'memory': memory must be between 1 MiB and",
                "{\"template\":\"a\",\"template\":\"b\",\"memory\":64,\"cpus\":1} | Duplicate field 'template'",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":1,\"sshKeys\":\"k\"}  | 'sshKeys' must be a list",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":1,\"sshKeys\":[null]} | null where there must be a value",
                "{\"template\":\"m\",\"memory\":64,\"cpus\":1,\"sshKeys\":[\"k\"]} | 'k' is not an OpenSSH public key"
            })
    void aBodyThatDoesNotFitIsRefusedWithTheReason(String body, String why) {
        assertThatThrownBy(() -> Codec.command("instance.new", body.getBytes(UTF_8)))
                .isInstanceOfSatisfying(CommandFailed.class, failed -> {
                    assertThat(failed.failure().reason()).isEqualTo(Reason.INVALID);
                    assertThat(failed.failure().message())
                            .startsWith("the body of instance.new")
                            .contains(why);
                    assertThat(failed.failure().hint()).isNotEmpty();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"pong", "error", "instance.up", "java.lang.Runtime", "NewInstance", "", " ping"})
    void aTypeThatIsNoCommandIsRefused(String type) {
        refuses(
                Envelopes.of(type, "{}".getBytes(UTF_8)),
                type.isEmpty() ? "no type property" : "there is no command '" + type + "'");
    }

    @Test
    void aHugeTypeIsShortenedAndCannotRepaintATerminal() {
        assertThatThrownBy(() -> Codec.command(Envelopes.of("\u001b[2J\n".repeat(10_000), new byte[0])))
                .hasMessageStartingWith("there is no command '?[2J?")
                .message()
                .hasSizeLessThan(120)
                .doesNotContain("\u001b", "\n");
    }

    @Test
    void deepNestingIsRefused() {
        String deep = "{\"template\":" + "[".repeat(100_000);
        String deepInIgnored = "{\"later\":" + "{\"a\":".repeat(100_000);
        refuses(of(deep), "must be text");
        refuses(of(deepInIgnored), "nesting depth");
        refuses(of("[".repeat(100_000)), "must be an object");
    }

    @Test
    void aBodyOfFiftyMegabytesIsNotEvenLookedAt() {
        byte[] huge = new byte[50 << 20];
        refuses(Envelopes.of("instance.new", huge), "52428800 bytes, at most 1048576");
    }

    @Test
    void aMillionDigitsAreRefused() {
        refuses(of("{\"cpus\":" + "9".repeat(1_000_000) + "}"), "Number value length");
        refuses(of("{\"cpus\":1e" + "9".repeat(1_000_000) + "}"), "Number value length");
        refuses(of("{\"later\":0." + "9".repeat(1_000_000) + "}"), "Number value length");
    }

    @Test
    void brokenUtf8AndBinaryAreRefused() {
        refuses(
                Envelopes.of("instance.new", new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'}),
                "JSON");
        refuses(Envelopes.of("instance.new", new byte[] {0, 0, 0, 0}), "JSON");
        refuses(Envelopes.of("instance.new", new byte[] {(byte) 0x1f, (byte) 0x8b, 8, 0}), "JSON");
    }

    @Test
    void randomBytesAndRandomlyChangedMessagesNeverDoAnythingElseThanFail() {
        Random random = new Random(4711);
        List<Message> all = Samples.of(Message.class);
        for (int round = 0; round < 5_000; round++) {
            Message message = all.get(random.nextInt(all.size()));
            byte[] body = Codec.encode(message);
            for (int change = random.nextInt(3); change >= 0; change--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            try {
                Codec.reply(message.wireName(), body);
            } catch (CommandFailed expected) {
                assertThat(expected.failure().message())
                        .doesNotContainPattern("[\\p{Cntrl}]")
                        .hasSizeLessThan(500);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("unknownVersions")
    void aMessageOfAnUnknownVersionIsRefused(Object version) {
        refuses(Envelopes.with("ping", "{}".getBytes(UTF_8), Map.of(Headers.VERSION, version)), "wire version");
    }

    static List<Object> unknownVersions() {
        return List.of(2, 0, -1, Long.MAX_VALUE, "1", "latest", List.of(1), Map.of("a", 1), true);
    }

    @Test
    void aMessageThatDoesNotSayItsVersionIsOfTheFirst() {
        assertThatCode(() -> Codec.command(Envelopes.of("ping", "{}".getBytes(UTF_8))))
                .doesNotThrowAnyException();
    }

    @Test
    void aNullDeepInsideAnEventIsNoticedBeforeAnybodyTrustsIt() {
        assertThatThrownBy(() -> Codec.event(
                        Envelopes.of("controller.up", "{\"view\":{\"name\":\"s1\"},\"instances\":[]}".getBytes(UTF_8))))
                .hasMessageContaining("'view.host' is missing");
        assertThatThrownBy(() -> Codec.reply("instance.list", "{\"instances\":[null]}".getBytes(UTF_8)))
                .hasMessageContaining("'instances[0]' is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssh-ed25519 AAAA",
                "ssh-rsa AAAAB3+/= me@host",
                "ecdsa-sha2-nistp256 AAAA a comment of words",
                "sk-ssh-ed25519@openssh.com AAAA token"
            })
    void openSshKeysAreTaken(String key) {
        assertThat(withKeys(List.of(key)).sshKeys()).containsExactly(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AAAA",
                "ssh-ed25519",
                "ssh-ed25519 ",
                "ssh-ed25519 AAAA\nssh-rsa BBBB",
                "ssh-ed25519 AAAA me\n",
                "ssh-ed25519 AAAA me\r\nroot: x",
                "ssh-ed25519\nAAAA",
                "ssh-ed25519  AAAA",
                "command=\"rm -rf /\" ssh-ed25519 AAAA",
                "no-pty,permitopen=\"*:1\" ssh-ed25519 AAAA",
                "ssh-ed25519 AAAA \u001b[2J",
                "ssh-ed25519 AAAA tab\there",
                "ssh-ed25519 AA$(reboot)",
                "-oProxyCommand=x AAAA",
                "ssh-ed25519 AAAA \u0000",
                " ssh-ed25519 AAAA"
            })
    void whatCouldAddALineOrAnOptionToAuthorizedKeysIsNoKey(String key) {
        assertThatThrownBy(() -> withKeys(List.of(key))).hasMessageContaining("is not an OpenSSH public key");
    }

    @Test
    void keysAreLimitedInNumberAndLength() {
        String longest = "ssh-rsa " + "A".repeat(8192 - 8);
        assertThatCode(() -> withKeys(Collections.nCopies(20, longest))).doesNotThrowAnyException();
        assertThatThrownBy(() -> withKeys(List.of(longest + "A"))).hasMessageContaining("is not an OpenSSH");
        assertThatThrownBy(() -> withKeys(Collections.nCopies(21, longest))).hasMessage("at most 20 SSH keys, not 21");
    }

    private static NewInstance withKeys(List<String> keys) {
        return new NewInstance("micro", MemorySize.ofMebibytes(64), 1, keys);
    }

    private static Envelope of(String body) {
        return Envelopes.of("instance.new", body.getBytes(UTF_8));
    }

    private static void refuses(Envelope envelope, String why) {
        Assertions.assertTimeout(
                SOON,
                () -> assertThatThrownBy(() -> Codec.command(envelope))
                        .isInstanceOf(CommandFailed.class)
                        .hasMessageContaining(why)
                        .message()
                        .hasSizeLessThan(500));
    }
}
