package io.kvmcloud.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.kvmcloud.amqp.Definitions.Account;
import io.kvmcloud.messages.ControllerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real RabbitMQ with a virtual host of this test class's own, made by {@link Definitions}; see {@link WithBroker}. */
public final class TestBroker implements AutoCloseable {

    private static final AtomicInteger CLASSES = new AtomicInteger();

    private final RabbitServer server;
    private final boolean own;
    private final Management management;
    private final String vhost;
    private final Passwords passwords;

    private TestBroker(RabbitServer server, boolean own, String vhost, Passwords passwords) {
        this.server = server;
        this.own = own;
        this.management = new Management(server.access());
        this.vhost = vhost;
        this.passwords = passwords;
    }

    static TestBroker open(Class<?> test, WithBroker wanted) throws Exception {
        RabbitServer server = wanted.own() ? Servers.launch() : Servers.shared();
        String vhost = "%s %d.%d"
                .formatted(test.getSimpleName(), ProcessHandle.current().pid(), CLASSES.incrementAndGet());
        Definitions definitions = new Definitions(
                vhost,
                Definitions.withPeople(
                        Stream.of(wanted.controllers()).map(ControllerName::new).toList(), people(wanted)));
        TestBroker broker =
                new TestBroker(server, wanted.own(), vhost, new Passwords(server.access(), definitions.users()));
        try {
            broker.define(definitions);
            return broker;
        } catch (RuntimeException failed) {
            broker.close();
            throw failed;
        }
    }

    private static List<Account> people(WithBroker wanted) {
        return Stream.of(
                        Stream.of(wanted.operators()).map(name -> new Account(name, new Role.Operator(null))),
                        Stream.of(wanted.operatorsOf())
                                .map(host -> new Account(
                                        "operator-of-" + host, new Role.Operator(new ControllerName(host)))),
                        Stream.of(wanted.viewers()).map(name -> new Account(name, new Role.Viewer())))
                .flatMap(each -> each)
                .toList();
    }

    /** Where that user connects, with its password in a file. */
    public BrokerAddress address(String user) {
        return BrokerAddress.of(uri(user), passwordFile(user));
    }

    /** Where its users are administered, for {@code --management}; the password is that of {@code admin}. */
    public String managementUri() {
        return server.access().management().toString().replace("://", "://admin@");
    }

    /** The same as text for {@code --amqp}, without the password. */
    public String uri(String user) {
        return uri(user, vhost);
    }

    /** A file with that user's password, for {@code --password-file}. */
    public Path passwordFile(String user) {
        return passwords.fileOf(user);
    }

    /** A file that only we may read: another one is not taken for a password's. */
    public static Path secret(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** That user's password. */
    public String password(String user) {
        return passwords.of(user);
    }

    /** The virtual host of this class. */
    public String vhost() {
        return vhost;
    }

    /** A plain connection of the RabbitMQ client as that user, to do what our own code would not do. */
    public Connection connect(String user) {
        return connect(user, vhost);
    }

    /** How many messages wait in a queue for a consumer. */
    public long messages(String queue) {
        return declared(queue).getMessageCount();
    }

    /** How many consumers a queue has. */
    public int consumers(String queue) {
        return declared(queue).getConsumerCount();
    }

    /** Whether there is such a queue, also an exclusive one. */
    public boolean exists(String queue) {
        return management.status("queues/" + here() + "/" + Management.segment(queue)) == 200;
    }

    /**
     * Cuts connections as an operator can in the management console, once there are any.
     *
     * @param prefix of the connection's name that no other test of the class has: what has just gone is still listed for a moment,
     *     and would be taken for what is to be cut
     */
    public void closeConnections(String prefix) {
        awaitConnection(prefix);
        connections(prefix).forEach(name -> management.delete("connections/" + Management.segment(name)));
    }

    /** Returns when {@link #closeConnections} would do it at once: the management API sees new connections after up to 5 s. */
    public void awaitConnection(String prefix) {
        Awaitility.await("a connection '" + prefix + "…'")
                .atMost(Duration.ofSeconds(15))
                .until(() -> !connections(prefix).isEmpty());
    }

    /** Asks the broker's management API, like {@code queues/VHOST}. */
    public JsonNode management(String path) {
        return management.get(path);
    }

    /** Changes something by the broker's management API. */
    public void manage(String path, String json) {
        management.put(path, json);
    }

    /** Takes back by the broker's management API what {@link #manage} made. */
    public void unmanage(String path) {
        management.delete(path);
    }

    /** The virtual host as one segment of a management path. */
    public String here() {
        return Management.segment(vhost);
    }

    /** Runs RabbitMQ's administration tool against this class's own broker. */
    public void rabbitmqctl(String... arguments) {
        ours().rabbitmqctl(arguments);
    }

    /** Ends this class's own broker in an orderly way. */
    public void stop() {
        ours().stop();
    }

    /** Ends this class's own broker with SIGKILL. */
    public void kill() {
        ours().kill();
    }

    /** Starts this class's own broker again and waits until it takes clients. */
    public void start() {
        ours().start();
        Servers.ready(server);
        Awaitility.await("virtual host " + vhost)
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> exists(Topology.MANAGER_COMMANDS) && messages(Topology.MANAGER_COMMANDS) >= 0);
    }

    @Override
    public void close() {
        try (passwords;
                management) {
            if (own) {
                server.close();
            } else {
                management.delete("vhosts/" + here());
            }
        }
    }

    private void define(Definitions definitions) {
        management.post("definitions", definitions.json(this::password));
        management.put(
                "permissions/" + here() + "/"
                        + Management.segment(server.access().user()),
                "{\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}");
    }

    private RabbitServer ours() {
        if (!own) {
            throw new IllegalStateException("only a class with @WithBroker(own = true) may do this to its broker");
        }
        return server;
    }

    private String uri(String user, String host) {
        return server.access().amqp().getScheme() + "://" + Management.segment(user) + "@"
                + server.access().amqp().getAuthority() + "/" + Management.segment(host);
    }

    private Connection connect(String user, String host) {
        try {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(uri(user, host));
            factory.setPassword(password(user));
            factory.setAutomaticRecoveryEnabled(false);
            return factory.newConnection("test as " + user);
        } catch (Exception failed) {
            throw new IllegalStateException("cannot connect as " + user, failed);
        }
    }

    /** Asked of the queue itself: what the management API tells of queues is up to 5 s old. */
    private AMQP.Queue.DeclareOk declared(String queue) {
        try (Connection connection = connect(server.access().user());
                Channel channel = connection.createChannel()) {
            return channel.queueDeclarePassive(queue);
        } catch (IOException | TimeoutException failed) {
            throw new IllegalStateException("cannot look at " + queue, failed);
        }
    }

    private List<String> connections(String prefix) {
        return management
                .get("vhosts/" + here() + "/connections")
                .valueStream()
                .filter(one -> one.path("client_properties")
                        .path("connection_name")
                        .asText()
                        .startsWith(prefix))
                .map(one -> one.path("name").asText())
                .toList();
    }
}
