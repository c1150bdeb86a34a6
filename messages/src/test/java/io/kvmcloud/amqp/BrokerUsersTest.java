package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kvmcloud.amqp.Definitions.Account;
import io.kvmcloud.messages.CommandFailed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order a broker is told of a new user, and what is left when it stops listening half way. */
class BrokerUsersTest {

    private final List<String> changes = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private volatile String failing = "nothing";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void keysAreLimitedBeforeAnythingMayBePublished() {
        users().add(new Account("carol", new Role.Viewer()), "the password");

        assertThat(changes)
                .containsExactly(
                        "PUT /api/users/carol",
                        "PUT /api/topic-permissions/a%2Fb/carol",
                        "PUT /api/permissions/a%2Fb/carol");
        assertThat(bodies.getFirst()).contains("password_hash").doesNotContain("the password");
    }

    @Test
    void aUserWhoWasMadeByHalvesIsTakenBack() {
        failing = "/api/permissions/a%2Fb/carol";

        assertThatThrownBy(() -> users().add(new Account("carol", new Role.Viewer()), "the password"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("refuses: 400 no such vhost");

        assertThat(changes).endsWith("PUT /api/permissions/a%2Fb/carol", "DELETE /api/users/carol");
    }

    @Test
    void somethingElseThatAnswersThereIsNoManagementApi() {
        failing = "everything";
        assertThatThrownBy(() -> users().list()).hasMessageContaining("is not RabbitMQ's management API");
    }

    private Users users() {
        return new BrokerUsers(ManagementAddress.of(
                "http://admin@127.0.0.1:" + server.getAddress().getPort(),
                BrokerAddress.of("amqp://op:x@h/a%2Fb", null),
                null));
    }

    private void answer(HttpExchange request) throws IOException {
        String path = request.getRequestURI().getRawPath();
        String method = request.getRequestMethod();
        if (!method.equals("GET")) {
            changes.add(method + " " + path);
            bodies.add(new String(request.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        }
        boolean missing = method.equals("GET") && path.endsWith("/users/carol");
        int status = path.equals(failing) ? 400 : missing ? 404 : 200;
        String text = failing.equals("everything") ? "<html>" : status == 400 ? "{\"reason\":\"no such vhost\"}" : "[]";
        request.sendResponseHeaders(status, text.length());
        request.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
        request.close();
    }
}
