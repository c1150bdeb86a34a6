package io.kvmcloud.amqp;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds or starts the broker that tests use. */
final class Servers {

    private static final Logger LOG = LoggerFactory.getLogger(Servers.class);
    private static final Duration STARTS = Duration.ofSeconds(90);
    private static @Nullable RabbitServer shared;

    private Servers() {}

    /** The one of this JVM. */
    static synchronized RabbitServer shared() throws Exception {
        if (shared == null) {
            String given = System.getenv("KVM_CLOUD_TEST_AMQP");
            shared = given == null || given.isEmpty()
                    ? launch()
                    : ready(GivenServer.at(given, System.getenv("KVM_CLOUD_TEST_MANAGEMENT")));
        }
        return shared;
    }

    /** A new one; the caller closes it. */
    static RabbitServer launch() {
        String wanted = Objects.requireNonNullElse(System.getenv("KVM_CLOUD_TEST_BROKER"), "");
        List<String> tried = new ArrayList<>();
        if (!wanted.equals("private")) {
            if (ContainerServer.available()) {
                try {
                    return ready(closedWithTheJvm(ContainerServer.launch()));
                } catch (RuntimeException failed) {
                    if (wanted.equals("docker")) {
                        throw failed;
                    }
                    LOG.warn("docker answers, and yet no broker starts there: {}", rootOf(failed));
                    tried.add("docker answers, but the container does not start: " + rootOf(failed));
                }
            } else {
                tried.add("docker does not answer, or has no image");
            }
        }
        if (!wanted.equals("docker")) {
            if (PrivateServer.available()) {
                return ready(closedWithTheJvm(PrivateServer.launch()));
            }
            tried.add("RabbitMQ is not installed here (local/prerequisites --install)");
        }
        throw new IllegalStateException(
                "this test needs a RabbitMQ: KVM_CLOUD_TEST_AMQP is not set; " + String.join("; ", tried));
    }

    /** Waits until it takes clients. */
    static <S extends RabbitServer> S ready(S server) {
        try (Management management = new Management(server.access())) {
            Awaitility.await(server.description())
                    .atMost(STARTS)
                    .pollInterval(Duration.ofMillis(100))
                    .failFast(() -> {
                        if (server instanceof PrivateServer child
                                && !child.lastWords().isEmpty()) {
                            throw new IllegalStateException("the broker ended: " + child.lastWords());
                        }
                    })
                    .until(() -> management.status("overview") == 200 && takesClients(server));
            LOG.info(
                    "tests use {}: RabbitMQ {} at {}",
                    server.description(),
                    management.get("overview").path("rabbitmq_version").asText(),
                    server.access().amqp());
            return server;
        }
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static boolean takesClients(RabbitServer server) {
        try (Socket socket = new Socket(
                server.access().amqp().getHost(), server.access().amqp().getPort())) {
            return socket.isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    private static <S extends RabbitServer> S closedWithTheJvm(S server) {
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "end of " + server.description()));
        return server;
    }
}
