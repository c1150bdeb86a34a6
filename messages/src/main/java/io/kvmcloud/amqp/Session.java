package io.kvmcloud.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One life of a connection. Whatever goes wrong on it ends all of it, and nothing that was known through it is known any
 * more: what may have been lost is asked again on the next one.
 */
public final class Session implements AutoCloseable {

    private static final int CLOSE_MILLIS = 2_000;

    private final Connection connection;
    private final String user;
    private final boolean cluster;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile @Nullable String blocked;

    private Session(Connection connection, String user, boolean cluster) {
        this.cluster = cluster;
        this.connection = connection;
        this.user = user;
        connection.addShutdownListener(cause -> ended.complete(reason(cause)));
        connection.addBlockedListener(why -> blocked = why, () -> blocked = null);
    }

    /**
     * Connects.
     *
     * @param name what the management console shows, for example {@code kvm-controller s2}; host and pid are added
     * @throws CommandFailed {@link Reason#UNREACHABLE} when the broker does not answer or does not let us in
     */
    public static Session open(BrokerAddress address, String name) {
        return open(address, name, 1);
    }

    /** @param patience how many times longer than usual the broker may take */
    static Session open(BrokerAddress address, String name, int patience) {
        ConnectionFactory factory = address.factory(patience);
        String user = factory.getUsername();
        factory.setClientProperties(properties(factory.getClientProperties(), name));
        try {
            return new Session(
                    factory.newConnection(
                            address.addresses(),
                            name + " @" + host() + " pid "
                                    + ProcessHandle.current().pid()),
                    user,
                    address.cluster());
        } catch (PossibleAuthenticationFailureException refused) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "RabbitMQ at " + address + " does not accept "
                            + (address.byCertificate()
                                    ? "the certificate " + address.tls().certificate() + " for that of a user"
                                    : "user '" + user + "' with this password"),
                    "check --amqp and --password-file (KVM_CLOUD_AMQP, KVM_CLOUD_PASSWORD_FILE)",
                    refused);
        } catch (UnknownHostException unknown) {
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "no host is called '" + String.valueOf(unknown.getMessage()).replaceFirst(": .*", "") + "'",
                    "check --amqp (KVM_CLOUD_AMQP)",
                    unknown);
        } catch (IOException | TimeoutException unreachable) {
            if (unreachable.getCause() instanceof ShutdownSignalException refused
                    && refused.getReason() instanceof AMQP.Connection.Close) {
                throw new CommandFailed(
                        Reason.UNREACHABLE,
                        "RabbitMQ at " + address + " does not let user '" + user + "' in: " + reason(refused),
                        "check the virtual host at the end of --amqp (KVM_CLOUD_AMQP), and that the definitions are"
                                + " imported",
                        unreachable);
            }
            if (String.valueOf(unreachable.getMessage()).startsWith("No compatible authentication mechanism")) {
                throw new CommandFailed(
                        Reason.UNREACHABLE,
                        "RabbitMQ at " + address + " lets nobody in by a certificate, and no password was given: "
                                + unreachable.getMessage(),
                        "give --password-file, or let it: plugin rabbitmq_auth_mechanism_ssl, and auth_mechanisms.1 ="
                                + " EXTERNAL in rabbitmq.conf",
                        unreachable);
            }
            String certificate = problemOfCertificates(unreachable);
            if (!certificate.isEmpty()) {
                throw notTrusted(address, certificate, unreachable);
            }
            if (address.encrypted()
                    && address.tls().certificate() == null
                    && !(unreachable instanceof ConnectException)) {
                // Its alert may get lost: with TLS 1.3 it has taken the connection before it looks at the certificate.
                throw certificateWanted(address, explain(unreachable), unreachable);
            }
            throw new CommandFailed(
                    Reason.UNREACHABLE,
                    "no RabbitMQ answers at " + address + ": " + explain(unreachable),
                    "`kvm-cloud up` starts a cloud on this machine; --amqp names another broker",
                    unreachable);
        }
    }

    /** What TLS says of it, or empty when it is not about TLS. */
    private static String problemOfCertificates(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException tls) {
                return String.valueOf(tls.getMessage());
            }
        }
        return "";
    }

    private static CommandFailed notTrusted(BrokerAddress address, String problem, Exception cause) {
        Path ca = address.tls().ca();
        if (problem.contains("PKIX") || problem.contains("trustAnchors")) {
            return new CommandFailed(
                    Reason.UNREACHABLE,
                    "the certificate of RabbitMQ at " + address + " is signed by nobody "
                            + (ca == null ? "that this JDK knows" : "in " + ca) + ": " + problem,
                    "--ca-file names the certificate of who signed it (KVM_CLOUD_CA_FILE)",
                    cause);
        }
        if (problem.contains("subject alternative") || problem.contains("No name matching")) {
            return new CommandFailed(
                    Reason.UNREACHABLE,
                    "the certificate of RabbitMQ at " + address + " is for another host: " + problem,
                    "write the host in --amqp as its certificate does",
                    cause);
        }
        if (problem.contains("certificate")) {
            return certificateWanted(address, problem, cause);
        }
        return new CommandFailed(
                Reason.UNREACHABLE,
                "what answers at " + address + " does not speak " + Tls.VERSION + ": " + problem,
                "check the port in --amqp: RabbitMQ's for TLS is mostly 5671",
                cause);
    }

    private static CommandFailed certificateWanted(BrokerAddress address, String problem, Exception cause) {
        return new CommandFailed(
                Reason.UNREACHABLE,
                "RabbitMQ at " + address + " ends the connection, as one does that wants a certificate of ours: "
                        + problem,
                "give --certificate-file and --key-file (KVM_CLOUD_CERTIFICATE_FILE, KVM_CLOUD_KEY_FILE)",
                cause);
    }

    /**
     * Opens a channel with a thread of its own.
     *
     * @param name the thread's name
     * @throws IOException when the connection has just ended
     */
    public ChannelLoop channel(String name) throws IOException {
        Channel channel = connection.createChannel();
        if (channel == null) {
            throw new IOException("the broker allows no more channels on this connection");
        }
        return new ChannelLoop(this, channel, name, user);
    }

    /**
     * Whether the broker has this queue; only for a queue that this user may configure.
     *
     * @throws IOException when the connection has just ended
     */
    public boolean exists(String queue) throws IOException {
        return look(queue).isPresent();
    }

    /**
     * What waits in a queue and who consumes it, or empty when there is no such queue; only for a queue that this user may
     * configure.
     *
     * @throws IOException when the connection has just ended
     */
    public Optional<QueueLook> look(String queue) throws IOException {
        Channel scratch = scratch();
        try {
            AMQP.Queue.DeclareOk there = scratch.queueDeclarePassive(queue);
            scratch.abort();
            return Optional.of(new QueueLook(there.getMessageCount(), there.getConsumerCount()));
        } catch (IOException missing) {
            if (connection.isOpen()) {
                return Optional.empty(); // the refused passive declare closed the scratch channel
            }
            throw missing;
        }
    }

    /**
     * Deletes a queue with all that is in it; one that is not there is deleted already.
     *
     * @return how many messages went with it
     * @throws IOException when the broker refuses, or the connection has just ended
     */
    public int delete(String queue) throws IOException {
        Channel scratch = scratch();
        int lost = scratch.queueDelete(queue).getMessageCount();
        scratch.abort();
        return lost;
    }

    /** A channel for a few steps whose failure is no failure of the session. */
    Channel scratch() throws IOException {
        Channel scratch = connection.createChannel();
        if (scratch == null) {
            throw new IOException("the broker allows no more channels on this connection");
        }
        return scratch;
    }

    /** What the broker calls itself, like {@code RabbitMQ 4.0.5}. */
    public String broker() {
        Map<String, Object> properties = connection.getServerProperties();
        return properties.getOrDefault("product", "a broker") + " " + properties.getOrDefault("version", "");
    }

    /** The user we are logged in as. */
    public String user() {
        return user;
    }

    /** Whether the broker has several nodes, of which one may be down: a queue that lives on one node may be out of reach. */
    public boolean cluster() {
        return cluster;
    }

    /** Why the broker takes no messages at the moment (a memory or disk alarm, in its own words), or null. */
    public @Nullable String blocked() {
        return blocked;
    }

    /** Completes with the reason when the session is over. */
    public CompletableFuture<String> ended() {
        return ended;
    }

    /** Calls with the reason when the session is over, or at once when it is. */
    void whenEnded(Consumer<String> told) {
        var _ = ended.thenAccept(told);
    }

    /** Ends the session at once because something on it went wrong. */
    public void fail(String why) {
        ended.complete(why);
        connection.abort(CLOSE_MILLIS);
    }

    /** Ends the session in an orderly way; idempotent. */
    @Override
    public void close() {
        ended.complete("closed");
        connection.abort(CLOSE_MILLIS);
    }

    /** Waits until the session is over; returns the reason. */
    String awaitEnd() throws InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The broker's own words, like {@code 403 ACCESS_REFUSED - ...}, or what happened to the connection. */
    static String reason(ShutdownSignalException cause) {
        if (cause.getReason() instanceof AMQP.Connection.Close close) {
            return close.getReplyCode() + " " + close.getReplyText();
        }
        if (cause.getReason() instanceof AMQP.Channel.Close close) {
            return close.getReplyCode() + " " + close.getReplyText();
        }
        return cause.getCause() == null
                ? String.valueOf(cause.getMessage())
                : "the connection broke: " + explain(cause.getCause());
    }

    /** The most telling line of a failure: what the broker said, else the innermost message. */
    static String explain(Throwable failure) {
        String text = failure.getClass().getSimpleName();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ShutdownSignalException closed) {
                return reason(closed);
            }
            if (cause.getMessage() != null) {
                text = cause instanceof IOException ? cause.getMessage() : cause.toString();
            }
            if (cause instanceof QueueTaken) {
                return text;
            }
        }
        return text;
    }

    private static Map<String, Object> properties(Map<String, Object> defaults, String name) {
        Map<String, Object> properties = new HashMap<>(defaults);
        properties.put("product", "KVM-cloud");
        properties.put("role", name);
        return properties;
    }

    /** The name of this machine; from the kernel, since a broken DNS would hold us up for seconds. */
    public static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException _) {
            return Objects.requireNonNullElse(System.getenv("HOSTNAME"), "localhost");
        }
    }
}
