package io.kvmcloud.amqp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** The HTTP API of the broker's management plugin. What it refuses, and why, becomes a {@link CommandFailed} here. */
final class ManagementApi implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int LONGEST_REASON = 300;

    private final ManagementAddress address;
    private final String login;
    private final HttpClient http;

    ManagementApi(ManagementAddress address) {
        this.address = address;
        login = "Basic "
                + Base64.getEncoder()
                        .encodeToString((address.user() + ":" + address.password()).getBytes(StandardCharsets.UTF_8));
        // HTTP/1.1, since RabbitMQ 3.10 is confused by a request that asks for an upgrade and has a body.
        var builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
        if (address.server().getScheme().equals("https")) {
            builder.sslContext(address.broker().tls().context())
                    .sslParameters(new SSLParameters(null, new String[] {Tls.VERSION}));
        }
        http = builder.build();
    }

    /** Everything at a path, or empty when there is nothing. */
    Optional<JsonNode> get(String... path) {
        HttpResponse<String> response = send("GET", "", path);
        if (response.statusCode() == 404) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readTree(done(response).body()));
        } catch (JsonProcessingException malformed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "what answers at " + address + " is not RabbitMQ's management API",
                    "--management names it (KVM_CLOUD_MANAGEMENT)",
                    malformed);
        }
    }

    void put(JsonNode value, String... path) {
        done(send("PUT", value.toString(), path));
    }

    /** What is not there is deleted already. */
    void delete(String... path) {
        HttpResponse<String> response = send("DELETE", "", path);
        if (response.statusCode() != 404) {
            done(response);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpResponse<String> send(String method, String json, String... path) {
        String where = Stream.of(path)
                .map(segment ->
                        URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/", "/api/", ""));
        HttpRequest request = HttpRequest.newBuilder(address.server().resolve(where))
                .timeout(ANSWER)
                .header("Authorization", login)
                .header("Content-Type", "application/json")
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build();
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (SSLException untrusted) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "RabbitMQ's management API at " + address + " is not believed: " + Session.explain(untrusted),
                    "--ca-file names the certificate of who signed its own (KVM_CLOUD_CA_FILE)",
                    untrusted);
        } catch (IOException unreachable) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "RabbitMQ's management API does not answer at " + address + ": " + why(unreachable),
                    "--management names another place (KVM_CLOUD_MANAGEMENT); the plugin is switched on with"
                            + " `rabbitmq-plugins enable rabbitmq_management`",
                    unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(
                    Reason.TIMED_OUT, "interrupted", "`kvm-cloud user list` shows who there is", interrupted);
        }
    }

    private HttpResponse<String> done(HttpResponse<String> response) {
        int status = response.statusCode();
        if (status / 100 == 2) {
            return response;
        }
        if (List.of(401, 403).contains(status)) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "RabbitMQ's management API at " + address + " does not let user '" + address.user() + "' do this: "
                            + status + " " + reason(response),
                    "users are the administrator's business: --management http://admin@HOST:PORT and"
                            + " --admin-password-file (KVM_CLOUD_MANAGEMENT, KVM_CLOUD_ADMIN_PASSWORD_FILE)");
        }
        throw new CommandFailed(
                Reason.FAILED,
                "RabbitMQ's management API at " + address + " refuses: " + status + " " + reason(response),
                "its log says more");
    }

    /** The JDK's own exceptions for this say nothing. */
    private String why(IOException unreachable) {
        for (Throwable cause = unreachable; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "no host is called '" + address.server().getHost() + "'";
            }
        }
        return unreachable instanceof ConnectException ? "Connection refused" : Session.explain(unreachable);
    }

    private static String reason(HttpResponse<String> response) {
        try {
            return Text.shorten(JSON.readTree(response.body()).path("reason").asText(), LONGEST_REASON);
        } catch (JsonProcessingException _) {
            return Text.shorten(response.body(), LONGEST_REASON);
        }
    }
}
