package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QmpTest {

    private static final Duration LONG = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(50);

    @TempDir
    private Path directory;

    private FakeMonitor monitor;
    private Qmp qmp;
    private final List<String> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void connect() throws IOException {
        monitor = new FakeMonitor(directory.resolve("qmp.sock"));
        qmp = Qmp.connect(directory.resolve("qmp.sock"), (name, data) -> events.add(name + " " + data));
    }

    @AfterEach
    void close() throws IOException {
        qmp.close();
        monitor.close();
    }

    @Test
    void aCommandIsAnsweredAlsoWhenItWasSentBeforeTheGreeting() throws Exception {
        CompletableFuture<JsonNode> answer = qmp.send("query-status", LONG);
        FakeMonitor.Client qemu = monitor.client();
        qemu.greets();
        assertThat(qemu.hears()).isEqualTo("{\"execute\":\"query-status\",\"id\":1}");
        qemu.says("{\"return\": {\"running\": true}, \"id\": 1}");
        assertThat(answer.get(5, TimeUnit.SECONDS).path("running").asBoolean()).isTrue();
    }

    @Test
    void answersFindTheirCommandsWithEventsBetweenAndInAnyOrder() throws Exception {
        FakeMonitor.Client qemu = monitor.client();
        qemu.greets();
        CompletableFuture<JsonNode> first = qmp.send("query-uuid", LONG);
        CompletableFuture<JsonNode> second = qmp.send("query-name", LONG);
        qemu.says(
                "{\"event\": \"RESET\", \"data\": {\"guest\": true}}",
                "{\"return\": \"two\", \"id\": 2}",
                "",
                "{\"event\": \"STOP\"}",
                "{\"return\": \"one\", \"id\": 1}");
        assertThat(first.get(5, TimeUnit.SECONDS).asText()).isEqualTo("one");
        assertThat(second.get(5, TimeUnit.SECONDS).asText()).isEqualTo("two");
        assertThat(events).containsExactly("RESET {\"guest\":true}", "STOP ");
    }

    @Test
    void aRefusalCarriesItsReason() throws Exception {
        FakeMonitor.Client qemu = monitor.client();
        qemu.greets();
        CompletableFuture<JsonNode> answer = qmp.send("fly", LONG);
        qemu.says(
                "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command fly has not been found\"}, \"id\": 1}");
        assertThat(answer).failsWithin(LONG).withThrowableThat().withMessageContaining("fly has not been found");
        assertThat(qmp.ended()).isNotDone();
    }

    @Test
    void silenceIsNotWaitedForLongerThanAsked() throws Exception {
        assertThatThrownBy(() -> qmp.execute("query-status", SHORT))
                .isInstanceOf(QmpFailed.class)
                .hasMessage("no answer to query-status within 50 ms");
        assertThat(qmp.ended()).isNotDone();
    }

    @Test
    void aCommandThatTimedOutBeforeTheGreetingIsNeverSent() throws Exception {
        assertThatThrownBy(() -> qmp.execute("quit", SHORT)).isInstanceOf(QmpFailed.class);
        FakeMonitor.Client qemu = monitor.client();
        qemu.greets();
        CompletableFuture<JsonNode> answer = qmp.send("query-status", LONG);
        assertThat(qemu.hears()).contains("query-status");
        qemu.says("{\"return\": {}, \"id\": 2}");
        assertThat(answer).succeedsWithin(LONG);
    }

    @Test
    void aSilentMonitorDoesNotGatherCommandsForEver() {
        for (int i = 0; i < 64; i++) {
            assertThat(qmp.send("system_powerdown", LONG)).isNotDone();
        }
        assertThat(qmp.send("system_powerdown", LONG))
                .failsWithin(LONG)
                .withThrowableThat()
                .withMessageContaining("64 commands are not answered yet");
    }

    @Test
    void theEndOfTheConnectionIsToldAfterTheLastEventAndFailsWhoeverWaits() throws Exception {
        FakeMonitor.Client qemu = monitor.client();
        qemu.greets();
        CompletableFuture<JsonNode> answer = qmp.send("system_powerdown", LONG);
        qemu.says("{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}");
        qemu.hangsUp();
        assertThat(qmp.ended().get(5, TimeUnit.SECONDS)).isEqualTo("the monitor closed the connection");
        assertThat(events).hasSize(1);
        assertThat(answer).failsWithin(LONG).withThrowableThat().withMessageContaining("closed the connection");
        assertThat(qmp.send("quit", LONG)).failsWithin(LONG);
    }

    @Test
    void aMonitorThatEndsWithACommandUnreadClosedTheConnectionAllTheSame() throws Exception {
        Path socket = directory.resolve("hurried.sock");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Qmp hurried = Qmp.connect(socket, (name, data) -> events.add(name + " " + data));
            try (SocketChannel qemu = server.accept()) {
                qemu.write(ByteBuffer.wrap("{\"QMP\": {}}\n{\"event\": \"STOP\"}\n".getBytes(StandardCharsets.UTF_8)));
                // The first byte of our qmp_capabilities: the rest of it is left unread, so the kernel says "reset".
                assertThat(qemu.read(ByteBuffer.allocate(1))).isEqualTo(1);
            }
            assertThat(hurried.ended().get(5, TimeUnit.SECONDS)).isEqualTo("the monitor closed the connection");
            assertThat(events).containsExactly("STOP ");
        }
    }

    @Test
    void whatIsNotJsonEndsTheConnection() throws Exception {
        monitor.client().says("SSH-2.0-OpenSSH_9.2p1");
        assertThat(qmp.ended().get(5, TimeUnit.SECONDS)).startsWith("the monitor does not speak QMP");
        assertThat(qmp.greeted()).failsWithin(LONG);
    }

    @Test
    void jsonThatIsNoQmpIsPassedOver() throws Exception {
        FakeMonitor.Client qemu = monitor.client();
        qemu.says("[]", "17", "null", "{}", "{\"return\": {}, \"id\": 99}", "{\"error\": 5}");
        qemu.greets();
        assertThat(qmp.greeted()).succeedsWithin(LONG);
    }

    @Test
    void anEndlessLineEndsTheConnection() throws Exception {
        FakeMonitor.Client qemu = monitor.client();
        String endless = "x".repeat(1 << 21);
        Thread.ofVirtual().start(() -> {
            try {
                qemu.says("\"" + endless);
            } catch (IOException hungUp) {
                // As it should be.
            }
        });
        assertThat(qmp.ended().get(5, TimeUnit.SECONDS)).contains("a line is longer than 1048576 bytes");
    }

    @Test
    void closingHereIsNotTakenForTheMonitorsEnd() throws Exception {
        qmp.close();
        assertThat(qmp.ended().get(5, TimeUnit.SECONDS)).contains("closed here");
    }

    @Test
    void whereNothingListensThereIsNoConnection() {
        assertThatThrownBy(() -> Qmp.connect(directory.resolve("nobody.sock"), (_, _) -> {}))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aQueueOfClientsThatIsFullIsNotWaitedFor() throws Exception {
        Path socket = directory.resolve("full.sock");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket), 1);
            List<Qmp> waiting = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            waiting.add(Qmp.connect(socket, (_, _) -> {}));
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(waiting).isNotEmpty();
            waiting.forEach(Qmp::close);
        }
    }
}
