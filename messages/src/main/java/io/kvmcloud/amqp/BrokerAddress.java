package io.kvmcloud.amqp;

import com.rabbitmq.client.ConnectionFactory;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker is and who we are there.
 *
 * @param uri {@code amqp[s]://USER[:PASSWORD]@HOST[:PORT]/VHOST}
 * @param passwordFile holds the password, so that it is in no process list; null when the URI has it
 */
public record BrokerAddress(URI uri, @Nullable Path passwordFile) {

    private static final int CONNECT_MILLIS = 3_000;
    private static final int CALL_MILLIS = 10_000;
    private static final int HEARTBEAT_SECONDS = 10;

    /** @throws CommandFailed when the text is no broker URI */
    public static BrokerAddress of(String uri, @Nullable Path passwordFile) {
        try {
            URI parsed = new URI(uri);
            if (parsed.getHost() == null
                    || !("amqp".equals(parsed.getScheme()) || "amqps".equals(parsed.getScheme()))) {
                throw new URISyntaxException(hidePassword(uri), "not of the form amqp://USER@HOST:PORT/VHOST");
            }
            return new BrokerAddress(parsed, passwordFile);
        } catch (URISyntaxException malformed) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "'" + hidePassword(uri) + "' is not a broker URI: " + malformed.getReason(),
                    "write it like amqp://operator@localhost:5672/kvm-cloud",
                    malformed);
        }
    }

    /** The user name we log in with; {@code guest} when the URI has none, as everywhere with RabbitMQ. */
    public String user() {
        String info = uri.getRawUserInfo();
        return info == null ? ConnectionFactory.DEFAULT_USER : decoded(info.split(":", 2)[0]);
    }

    /** Host and port, without any secret. */
    @Override
    public String toString() {
        return uri.getScheme() + "://" + uri.getHost() + ":" + port() + uri.getRawPath();
    }

    /** The TCP port, also when the URI leaves it out. */
    public int port() {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "amqps".equals(uri.getScheme())
                ? ConnectionFactory.DEFAULT_AMQP_OVER_SSL_PORT
                : ConnectionFactory.DEFAULT_AMQP_PORT;
    }

    /** A factory with recovery off: our own session loop forgets everything and starts again instead. */
    ConnectionFactory factory() {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(uri.toString());
        } catch (URISyntaxException | GeneralSecurityException | IllegalArgumentException unusable) {
            throw new CommandFailed(
                    Reason.INVALID, "cannot use " + this + ": " + unusable.getMessage(), "check --amqp", unusable);
        }
        if (passwordFile != null) {
            factory.setPassword(password(passwordFile));
        }
        factory.setExceptionHandler(new QuietExceptionHandler());
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setConnectionTimeout(CONNECT_MILLIS);
        factory.setHandshakeTimeout(CONNECT_MILLIS);
        factory.setChannelRpcTimeout(CALL_MILLIS);
        return factory;
    }

    private static String password(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "cannot read the password file " + file + ": "
                            + unreadable.getClass().getSimpleName(),
                    "check --password-file (KVM_CLOUD_PASSWORD_FILE)",
                    unreadable);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String hidePassword(String uri) {
        return uri.replaceFirst("(://[^:/@]*):.*@", "$1:***@");
    }
}
