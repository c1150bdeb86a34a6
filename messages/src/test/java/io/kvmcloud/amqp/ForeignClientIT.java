package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.messages.Message;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client in another language speaks to us: docs/examples/list.py, in Python with pika. */
@WithBroker
class ForeignClientIT {

    private static final Path SCRIPT =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("docs/examples/list.py");

    private final TestBroker broker;

    ForeignClientIT(TestBroker broker) {
        this.broker = broker;
    }

    private record Ended(int code, JsonNode answer) {}

    @Test
    void itGetsTheAnswerAsJson() throws Exception {
        Message list = Samples.of(Reply.InstanceList.class).getFirst();
        try (FakeManager _ = new FakeManager(broker.address("kvm-manager"), _ -> (Reply) list)) {
            await().until(() ->
                    broker.exists(Topology.MANAGER_QUERIES) && broker.consumers(Topology.MANAGER_QUERIES) > 0);
            Ended ended = list();
            assertThat(ended.code()).isZero();
            assertThat(ended.answer()).isEqualTo(new JsonMapper().readTree(Codec.encode(list)));
        }
    }

    @Test
    void itSeesAtOnceThatNoManagerIsRunning() throws Exception {
        await().until(() -> !broker.exists(Topology.MANAGER_QUERIES));
        Ended ended = list();
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.answer().path("message").asText()).isEqualTo("no manager is running");
    }

    private Ended list() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString());
        builder.environment().put("KVM_CLOUD_AMQP", broker.uri("operator"));
        builder.environment()
                .put("KVM_CLOUD_PASSWORD_FILE", broker.passwordFile("operator").toString());
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            JsonNode answer = new JsonMapper().readTree(process.getInputStream().readAllBytes());
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), answer);
        } finally {
            process.destroyForcibly();
        }
    }
}
