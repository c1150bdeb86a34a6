package io.kvmcloud.settings;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.Tls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the broker is and who we are there; a mixin of every program. */
public final class BrokerOptions {

    @Option(
            names = "--amqp",
            paramLabel = "URI",
            defaultValue = "${env:KVM_CLOUD_AMQP:-amqp://localhost/kvm-cloud}",
            description =
                    "The broker, amqp[s]://USER@HOST:PORT/VHOST, or HOST:PORT,HOST:PORT,... of a cluster; also KVM_CLOUD_AMQP"
                            + " (default: ${DEFAULT-VALUE}).")
    private String amqp = "";

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            defaultValue = "${env:KVM_CLOUD_PASSWORD_FILE}",
            description = "A file that holds the broker password; also KVM_CLOUD_PASSWORD_FILE.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            defaultValue = "${env:KVM_CLOUD_CA_FILE}",
            description = "Who signed the broker's certificate, for amqps:// (PEM; default: whom the JDK knows); also"
                    + " KVM_CLOUD_CA_FILE.")
    private @Nullable Path caFile;

    @Option(
            names = "--certificate-file",
            paramLabel = "FILE",
            defaultValue = "${env:KVM_CLOUD_CERTIFICATE_FILE}",
            description = "Our own certificate, where the broker wants one (PEM); also KVM_CLOUD_CERTIFICATE_FILE.")
    private @Nullable Path certificateFile;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            defaultValue = "${env:KVM_CLOUD_KEY_FILE}",
            description = "Its key (PEM, PKCS#8, no passphrase); also KVM_CLOUD_KEY_FILE.")
    private @Nullable Path keyFile;

    /** @throws io.kvmcloud.messages.CommandFailed when the URI is malformed */
    public BrokerAddress address() {
        return BrokerAddress.of(amqp, passwordFile, new Tls(caFile, certificateFile, keyFile));
    }
}
