package io.kvmcloud.amqp;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker's management API is and who we are there.
 *
 * @param server scheme, host and port
 * @param vhost the virtual host of the cloud
 * @param broker whose password is used when there is no other, and who is believed to be it
 * @param passwordFile holds the password, or null
 */
public record ManagementAddress(
        URI server,
        String user,
        String vhost,
        BrokerAddress broker,
        @Nullable Path passwordFile) {

    private static final int PORT = 15672;
    private static final int TLS_PORT = 15671;

    /**
     * @param uri {@code http[s]://[USER@]HOST[:PORT]}; empty for the usual port of the broker's first host
     * @param broker of the cloud; its user is meant when no other is said
     * @param passwordFile of the administrator, who is called {@code admin} when the URI does not say so; or null
     * @throws CommandFailed when the text is no such URI
     */
    public static ManagementAddress of(String uri, BrokerAddress broker, @Nullable Path passwordFile) {
        URI given = uri.isEmpty() ? usual(broker) : parsed(uri);
        boolean tls = given.getScheme().equals("https");
        int port = given.getPort() >= 0 ? given.getPort() : tls ? TLS_PORT : PORT;
        String user = given.getUserInfo() != null
                ? given.getUserInfo()
                : passwordFile != null ? Definitions.ADMINISTRATOR : broker.user();
        return new ManagementAddress(
                URI.create(given.getScheme() + "://" + given.getHost() + ":" + port),
                user,
                broker.virtualHost(),
                broker,
                passwordFile);
    }

    /** The password, read now. */
    String password() {
        return passwordFile == null ? broker.password() : SecretFile.password(passwordFile, "--admin-password-file");
    }

    /** Host and port, without any secret. */
    @Override
    public String toString() {
        return server.toString();
    }

    private static URI usual(BrokerAddress broker) {
        URI first = broker.uri();
        return URI.create(("amqps".equals(first.getScheme()) ? "https://" : "http://") + first.getHost());
    }

    private static URI parsed(String uri) {
        try {
            URI parsed = new URI(uri);
            boolean http = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
            String user = parsed.getUserInfo();
            if (http && parsed.getHost() != null && (user == null || !user.contains(":"))) {
                return parsed;
            }
        } catch (URISyntaxException _) {
            // Told below; the parser's own words would repeat a password.
        }
        throw new CommandFailed(
                Reason.INVALID,
                "--management is not of the form http[s]://USER@HOST:PORT",
                "write it like http://admin@localhost:15672; the password is read from --admin-password-file");
    }
}
