package io.kvmcloud.amqp;

import java.net.URI;

/** A RabbitMQ that tests use as administrator. */
sealed interface RabbitServer extends AutoCloseable permits GivenServer, ContainerServer, PrivateServer {

    /**
     * How it is reached.
     *
     * @param amqp scheme, host and port
     * @param management root of its HTTP API's server, without {@code /api}
     */
    record Access(URI amqp, URI management, String user, String password) {}

    /** How it is reached; the same after a restart. */
    Access access();

    /** What it is, for the log. */
    String description();

    /** Ends it in an orderly way and waits until it is gone. */
    void stop();

    /** Starts it again with all it knew; it may not take clients yet when this returns. */
    void start();

    /** Ends it with SIGKILL and waits until it is gone. */
    void kill();

    /** Runs RabbitMQ's administration tool against it. */
    void rabbitmqctl(String... arguments);

    /** Removes it and all it kept; a broker that was given to us stays. */
    @Override
    void close();
}
