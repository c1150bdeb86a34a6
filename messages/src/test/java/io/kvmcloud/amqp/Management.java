package io.kvmcloud.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/** The HTTP API of the broker's management plugin, as an administrator. */
final class Management implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final RabbitServer.Access access;
    /** HTTP/1.1, since an upgrade to HTTP/2 in the same breath as a POST confuses RabbitMQ 3.10. */
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    Management(RabbitServer.Access access) {
        this.access = access;
    }

    /** {@code GET /api/PATH}. */
    JsonNode get(String path) {
        try {
            return JSON.readTree(expect2xx("GET", path, ""));
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    void post(String path, String json) {
        expect2xx("POST", path, json);
    }

    void put(String path, String json) {
        expect2xx("PUT", path, json);
    }

    /** {@code DELETE /api/PATH}; what is not there is deleted already. */
    void delete(String path) {
        HttpResponse<String> response = send("DELETE", path, "");
        if (response.statusCode() / 100 != 2 && response.statusCode() != 404) {
            throw refused("DELETE", path, response);
        }
    }

    /** The status code of {@code GET /api/PATH}, or 0 when nobody answers. */
    int status(String path) {
        try {
            return send("GET", path, "").statusCode();
        } catch (UncheckedIOException _) {
            return 0;
        }
    }

    /** One segment of a path. */
    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private String expect2xx(String method, String path, String json) {
        HttpResponse<String> response = send(method, path, json);
        if (response.statusCode() / 100 != 2) {
            throw refused(method, path, response);
        }
        return response.body();
    }

    private HttpResponse<String> send(String method, String path, String json) {
        String login = Base64.getEncoder()
                .encodeToString((access.user() + ":" + access.password()).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(access.management().resolve("/api/" + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Basic " + login)
                .header("Content-Type", "application/json")
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build();
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException unreachable) {
            throw new UncheckedIOException(unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private static IllegalStateException refused(String method, String path, HttpResponse<String> response) {
        return new IllegalStateException(
                method + " /api/" + path + " answered " + response.statusCode() + ": " + response.body());
    }
}
