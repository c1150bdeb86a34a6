package io.kvmcloud.amqp;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.SocketConfigurators;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker is and who we are there. A cluster's nodes are several hosts in the place of one: any of them will do.
 *
 * @param nodes {@code amqp[s]://USER[:PASSWORD]@HOST[:PORT]/VHOST}, at least one; they differ in host and port
 * @param passwordFile holds the password, so that it is in no process list; null when the URI has it
 * @param tls for {@code amqps://}
 */
public record BrokerAddress(List<URI> nodes, @Nullable Path passwordFile, Tls tls) {

    private static final Pattern AUTHORITY = Pattern.compile("([^/]*//(?:[^/]*@)?)([^/@]*)(.*)");
    private static final int CONNECT_MILLIS = 3_000;
    private static final int LONGEST_CONNECT_MILLIS = 10_000;
    private static final int CALL_MILLIS = 10_000;
    private static final int HEARTBEAT_SECONDS = 10;

    /** @throws CommandFailed when TLS files are given for a connection that is not encrypted */
    public BrokerAddress {
        nodes = List.copyOf(nodes);
        if (tls.given() && !encrypted(nodes)) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "TLS files are given, and amqp:// is not encrypted",
                    "write amqps:// in --amqp (KVM_CLOUD_AMQP), or leave --ca-file and --certificate-file out");
        }
    }

    /** Of a broker whose certificate, if it has one, the JDK knows. */
    public static BrokerAddress of(String uri, @Nullable Path passwordFile) {
        return of(uri, passwordFile, Tls.DEFAULT);
    }

    /**
     * @param uri of one node, or with {@code HOST[:PORT],HOST[:PORT],...} for several
     * @throws CommandFailed when the text is no broker URI
     */
    public static BrokerAddress of(String uri, @Nullable Path passwordFile, Tls tls) {
        try {
            Matcher parts = AUTHORITY.matcher(uri);
            if (!parts.matches()) {
                throw notOfTheForm(uri);
            }
            List<URI> nodes = new ArrayList<>();
            for (String host : parts.group(2).split(",", -1)) {
                nodes.add(node(parts.group(1) + host + parts.group(3)));
            }
            return new BrokerAddress(nodes, passwordFile, tls);
        } catch (URISyntaxException malformed) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "'" + hidePassword(uri) + "' is not a broker URI: " + malformed.getReason(),
                    "write it like amqp://operator@localhost:5672/kvm-cloud; a cluster's hosts separated by commas",
                    malformed);
        }
    }

    /** The first node's; the nodes have all but host and port in common. */
    public URI uri() {
        return nodes.getFirst();
    }

    /** Whether it names several nodes. */
    public boolean cluster() {
        return nodes.size() > 1;
    }

    /** The user name we log in with; {@code guest} when the URI has none, as everywhere with RabbitMQ. */
    public String user() {
        String info = uri().getRawUserInfo();
        return info == null ? ConnectionFactory.DEFAULT_USER : decoded(info.split(":", 2)[0]);
    }

    /** The virtual host at the URI's end. */
    public String virtualHost() {
        return factory().getVirtualHost();
    }

    /** The password, read now. */
    String password() {
        return factory().getPassword();
    }

    /** Whether our certificate says who we are: it is all we have. RabbitMQ takes the user's name from it. */
    boolean byCertificate() {
        String info = uri().getRawUserInfo();
        return tls.certificate() != null && passwordFile == null && (info == null || info.indexOf(':') < 0);
    }

    /** Whether nobody between can read what we say. */
    boolean encrypted() {
        return encrypted(nodes);
    }

    private static boolean encrypted(List<URI> nodes) {
        return "amqps".equals(nodes.getFirst().getScheme());
    }

    /** Hosts and ports, without any secret. */
    @Override
    public String toString() {
        return addresses().stream()
                .map(Address::toString)
                .collect(Collectors.joining(",", uri().getScheme() + "://", uri().getRawPath()));
    }

    /** The TCP port of the first node, also when the URI leaves it out. */
    public int port() {
        return port(uri());
    }

    /** The nodes to try, in no order that matters. */
    List<Address> addresses() {
        return nodes.stream()
                .map(node -> new Address(node.getHost(), port(node)))
                .toList();
    }

    ConnectionFactory factory() {
        return factory(1);
    }

    /**
     * A factory with recovery off: our own session loop forgets everything and starts again instead.
     *
     * @param patience how many times longer than usual each step may take
     */
    ConnectionFactory factory(int patience) {
        ConnectionFactory factory = LoopThread.connections();
        try {
            // By its name amqps:// would switch on a TLS that believes everyone.
            factory.setUri(uri().toString().replaceFirst("^amqps:", "amqp:"));
            factory.setPort(port());
        } catch (URISyntaxException | GeneralSecurityException | IllegalArgumentException unusable) {
            throw new CommandFailed(
                    Reason.INVALID, "cannot use " + this + ": " + unusable.getMessage(), "check --amqp", unusable);
        }
        if (passwordFile != null) {
            factory.setPassword(SecretFile.password(passwordFile, "--password-file"));
        }
        if (byCertificate()) {
            factory.setSaslConfig(DefaultSaslConfig.EXTERNAL);
        }
        if (encrypted()) {
            factory.useSslProtocol(tls.context());
            factory.setSocketConfigurator(SocketConfigurators.defaultConfigurator()
                    .andThen(SocketConfigurators.enableHostnameVerification())
                    .andThen(socket -> ((SSLSocket) socket).setEnabledProtocols(new String[] {Tls.VERSION})));
        }
        factory.setSharedExecutor(new ReaderThread());
        factory.setExceptionHandler(new QuietExceptionHandler());
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setConnectionTimeout(Math.min(patience * CONNECT_MILLIS, LONGEST_CONNECT_MILLIS));
        factory.setHandshakeTimeout(patience * CONNECT_MILLIS);
        factory.setChannelRpcTimeout(patience * CALL_MILLIS);
        return factory;
    }

    private static URI node(String uri) throws URISyntaxException {
        URI parsed = new URI(uri);
        if (parsed.getHost() == null || !("amqp".equals(parsed.getScheme()) || "amqps".equals(parsed.getScheme()))) {
            throw notOfTheForm(uri);
        }
        return parsed;
    }

    private static URISyntaxException notOfTheForm(String uri) {
        return new URISyntaxException(hidePassword(uri), "not of the form amqp://USER@HOST:PORT/VHOST");
    }

    private static int port(URI node) {
        if (node.getPort() >= 0) {
            return node.getPort();
        }
        return "amqps".equals(node.getScheme())
                ? ConnectionFactory.DEFAULT_AMQP_OVER_SSL_PORT
                : ConnectionFactory.DEFAULT_AMQP_PORT;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String hidePassword(String uri) {
        return uri.replaceFirst("(://[^:/@]*):.*@", "$1:***@");
    }
}
