package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.lifecycle.Undo;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/** A broker's cloud of real managers, fake controllers and a client; closed, it leaves the queues as a new broker has them. */
final class FakeCloud implements AutoCloseable {

    private static final Capacity ROOM = new Capacity(65_536, 0, 1_024, 0, 0);

    private final TestBroker broker;
    private final List<FakeController> controllers = new ArrayList<>();
    private final Undo open = new Undo();

    FakeCloud(TestBroker broker) {
        this.broker = broker;
    }

    /** One that may ask for anything. */
    Client client() {
        Client client = new Client(broker.address("operator"));
        open.add(client::close);
        return client;
    }

    /** A controller with room for everything; {@code s2} counts its instances from 2000. */
    FakeController controller(String name) {
        return controller(name, ROOM);
    }

    FakeController controller(String name, Capacity capacity) {
        FakeController controller =
                new FakeController(broker.address(name), name, 1000L * Integer.parseInt(name.substring(1)), capacity);
        controllers.add(controller);
        open.add(controller::close);
        return controller.connect();
    }

    Manager.Running manager(String name) {
        return manager(name, Set.of());
    }

    /** A manager that serves these; returns when it hears, answers reads, and it or another one carries out what comes now. */
    Manager.Running manager(String name, Set<ControllerName> only) {
        Manager.Running running = Manager.start(broker.address(Topology.MANAGER_USER), name, only, Clock.systemUTC());
        open.add(running::close);
        try (Client client = new Client(broker.address("operator"))) {
            await().atMost(Duration.ofSeconds(30)).until(() -> client.isAnsweredBy(name));
            client.answer(client.publish("write.no.command", "no.command", name, true, Map.of(), "{}"));
        }
        return running;
    }

    /** The instances that all controllers have, as their own tables say. */
    List<String> instances() {
        return controllers.stream()
                .flatMap(controller -> controller.instances.values().stream())
                .map(instance -> instance.id().toString())
                .toList();
    }

    @Override
    public void close() {
        open.close();
        try (var connection = broker.connect("admin");
                var channel = connection.createChannel()) {
            for (String name : List.of("s1", "s2", "s3")) {
                channel.queueDelete(Topology.commandsOf(new ControllerName(name)));
            }
            channel.queuePurge(Topology.MANAGER_COMMANDS);
            channel.queuePurge(Topology.MANAGER_INDOUBT);
            channel.queuePurge(Topology.DEAD_LETTERS);
        } catch (IOException | TimeoutException failed) {
            throw new IllegalStateException("cannot clean up", failed);
        }
        await().until(() -> !broker.exists(Topology.MANAGER_QUERIES));
    }

    String created(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.InstanceCreated.class);
        return ((Reply.InstanceCreated) reply).instance().id().toString();
    }

    static Command.NewInstance newMicro(int memory) {
        return new Command.NewInstance("micro", new MemorySize(memory), 1, List.of());
    }

    static InstanceId id(String controller, long number) {
        return new InstanceId(new ControllerName(controller), number);
    }

    static Reply.Failure failure(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.Failure.class);
        return (Reply.Failure) reply;
    }
}
