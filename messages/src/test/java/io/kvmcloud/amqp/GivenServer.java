package io.kvmcloud.amqp;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A broker that somebody else runs; we use it and leave it as it is. */
record GivenServer(Access access) implements RabbitServer {

    static GivenServer at(String administrator, @Nullable String management) throws Exception {
        ConnectionFactory uri = new ConnectionFactory();
        uri.setUri(administrator);
        String scheme = uri.isSSL() ? "amqps" : "amqp";
        return new GivenServer(new Access(
                URI.create(scheme + "://" + uri.getHost() + ":" + uri.getPort()),
                URI.create(management == null ? "http://" + uri.getHost() + ":15672" : management),
                uri.getUsername(),
                uri.getPassword()));
    }

    @Override
    public String description() {
        return "the broker that KVM_CLOUD_TEST_AMQP names";
    }

    @Override
    public void stop() {
        throw notOurs();
    }

    @Override
    public void start() {
        throw notOurs();
    }

    @Override
    public void kill() {
        throw notOurs();
    }

    @Override
    public void rabbitmqctl(String... arguments) {
        throw notOurs();
    }

    @Override
    public void close() {
        // It is not ours.
    }

    private static IllegalStateException notOurs() {
        return new IllegalStateException("only a class with @WithBroker(own = true) may do this to its broker");
    }
}
