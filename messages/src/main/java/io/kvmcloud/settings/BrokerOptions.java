package io.kvmcloud.settings;

import io.kvmcloud.amqp.BrokerAddress;
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

    /** @throws io.kvmcloud.messages.CommandFailed when the URI is malformed */
    public BrokerAddress address() {
        return BrokerAddress.of(amqp, passwordFile);
    }
}
