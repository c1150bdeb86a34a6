package io.kvmcloud.bench.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is in the broker's queues, by its management API. */
final class Queues {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String DEAD_LETTERS = "kvm.dead-letters";

    private final URI uri;
    private final String login;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    Queues(int port, String password, String vhost) {
        uri = URI.create("http://127.0.0.1:" + port + "/api/queues/" + vhost + "/");
        login = Base64.getEncoder().encodeToString(("admin:" + password).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Every queue with the number of its messages, a few seconds old.
     *
     * @throws IOException when the broker does not answer
     */
    Map<String, Long> messages() throws IOException {
        Map<String, Long> messages = new TreeMap<>();
        for (JsonNode queue : send(HttpRequest.newBuilder(uri))) {
            messages.put(queue.path("name").asText(), queue.path("messages").asLong(-1));
        }
        return messages;
    }

    /**
     * Takes the dead letters out; each as where and why it died, like {@code kvm.manager.commands expired}.
     *
     * @throws IOException when the broker does not answer
     */
    List<String> takeDeadLetters() throws IOException {
        List<String> letters = new ArrayList<>();
        for (JsonNode letter : send(HttpRequest.newBuilder(uri.resolve(DEAD_LETTERS + "/get"))
                .POST(BodyPublishers.ofString(
                        "{\"count\": 1000, \"ackmode\": \"ack_requeue_false\", \"encoding\": \"auto\"}")))) {
            JsonNode headers = letter.path("properties").path("headers");
            JsonNode death = headers.path("x-death").path(0);
            letters.add(
                    death.isMissingNode()
                            ? "buried: " + headers.path("why").asText()
                            : death.path("queue").asText() + " "
                                    + death.path("reason").asText());
        }
        return letters;
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException {
        try {
            return JSON.readTree(http.send(
                            request.timeout(Duration.ofSeconds(10))
                                    .header("Authorization", "Basic " + login)
                                    .build(),
                            BodyHandlers.ofString())
                    .body());
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new IOException(asked);
        }
    }
}
