package io.kvmcloud.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a broker has, by its management API; some seconds old.
 *
 * @param published messages a second
 */
record BrokerTotals(int connections, int channels, int queues, int consumers, double published) {

    static BrokerTotals of(Lab lab) throws IOException {
        String login =
                Base64.getEncoder().encodeToString(("admin:" + lab.secret("admin")).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + lab.broker().managementPort() + "/api/overview"))
                .header("Authorization", "Basic " + login)
                .build();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            JsonNode overview = new ObjectMapper()
                    .readTree(client.send(request, BodyHandlers.ofString()).body());
            JsonNode totals = overview.path("object_totals");
            return new BrokerTotals(
                    totals.path("connections").asInt(),
                    totals.path("channels").asInt(),
                    totals.path("queues").asInt(),
                    totals.path("consumers").asInt(),
                    overview.at("/message_stats/publish_details/rate").asDouble());
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new IOException(asked);
        }
    }
}
