package io.kvmcloud.amqp;

import com.rabbitmq.client.Address;
import io.kvmcloud.messages.Finding;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What the broker's nodes show of themselves on encrypted connections, and how long it is good for: also what would not be
 * believed, so nothing is said to them but hello. Whether it is believed is told by who connects.
 *
 * @param now what certificates are held against
 */
public record TlsLook(BrokerAddress broker, Instant now) {

    /** Who renews by hand needs some days; who has it renewed does so a third of its time before. */
    private static final Duration SOON = Duration.ofDays(14);

    private static final int MILLIS = 3_000;

    /** One for each node, and one for our own certificate; none when the connection is not encrypted. */
    public List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        if (broker.encrypted()) {
            broker.addresses().forEach(node -> found.add(node(node)));
            Path ours = broker.tls().certificate();
            if (ours != null) {
                found.add(ours(ours));
            }
        }
        return found;
    }

    private Finding node(Address node) {
        try (var plain = new Socket()) {
            plain.connect(new InetSocketAddress(node.getHost(), node.getPort()), MILLIS);
            plain.setSoTimeout(MILLIS);
            var shown = new Shown();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {shown}, null);
            try (var socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, node.getHost(), node.getPort(), true)) {
                socket.startHandshake();
            } catch (IOException failed) {
                if (shown.certificate == null) {
                    throw failed;
                }
                // It hung up on us, who show no certificate, but only after it had shown its own.
            }
            return shown.protocol.equals(Tls.VERSION)
                    ? good(
                            shown.protocol + ", " + node,
                            Objects.requireNonNull(shown.certificate), // which comes with the protocol
                            "give the broker a new one: ssl_options.certfile in its rabbitmq.conf")
                    : Finding.fail(
                            "tls",
                            node + " speaks " + shown.protocol + ", we only " + Tls.VERSION,
                            "ssl_options.versions.1 = tlsv1.3 in its rabbitmq.conf; it takes RabbitMQ on Erlang 23 or newer");
        } catch (GeneralSecurityException | IOException failed) {
            return Finding.fail(
                    "tls",
                    "nothing speaks TLS at " + node + ": " + Session.explain(failed),
                    "check the port in --amqp: RabbitMQ's for TLS is mostly 5671");
        }
    }

    private Finding ours(Path file) {
        try {
            return good(
                    "ours, " + file,
                    (X509Certificate)
                            Tls.certificates(file, "--certificate-file").getFirst(),
                    "have a new one signed for --certificate-file");
        } catch (GeneralSecurityException unreadable) {
            return Finding.fail("tls", file + ": " + unreadable.getMessage(), "check --certificate-file");
        }
    }

    private Finding good(String whose, X509Certificate certificate, String renew) {
        Instant end = certificate.getNotAfter().toInstant();
        Instant begin = certificate.getNotBefore().toInstant();
        String what = "%s: certificate of %s, signed by %s, "
                .formatted(whose, certificate.getSubjectX500Principal(), certificate.getIssuerX500Principal());
        if (now.isBefore(begin)) {
            return Finding.fail("tls", what + "is good only from " + day(begin) + " on", "set this machine's clock");
        }
        if (now.isAfter(end)) {
            return Finding.fail("tls", what + "ended on " + day(end), renew);
        }
        Duration left = Duration.between(now, end);
        String until = what + "until " + day(end) + ", " + left.toDays() + " days";
        return left.compareTo(SOON) < 0 ? Finding.warn("tls", until, renew) : Finding.ok("tls", until);
    }

    private static LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }

    /** Believes everybody, and keeps what the broker shows of itself in the middle of the greeting. */
    private static final class Shown extends X509ExtendedTrustManager {
        private String protocol = "";
        private @Nullable X509Certificate certificate;

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            protocol = ((SSLSocket) socket).getHandshakeSession().getProtocol();
            certificate = chain[0];
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
