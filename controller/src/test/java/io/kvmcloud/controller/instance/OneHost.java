package io.kvmcloud.controller.instance;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Instances on a fake hypervisor, as a controller that is started and started again has them. */
abstract class OneHost {

    static final int PORTS = 20;
    static final InstanceId FIRST = InstanceId.parse("s1/1000");
    static final NewInstance SMALL = new NewInstance("micro", MemorySize.ofMebibytes(128), 1, List.of());

    @TempDir
    Path directory;

    final FakeHypervisor hypervisor = new FakeHypervisor();
    final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    final FakeLedger ledger = new FakeLedger();
    int firstPort;
    Instances instances;

    @BeforeEach
    void open() throws IOException {
        firstPort = FreePorts.take(PORTS).getFirst();
        reopen();
    }

    @AfterEach
    void close() {
        instances.close();
    }

    final void reopen() throws IOException {
        instances = Instances.open(
                new Host(new ControllerName("s1"), "127.0.0.1", "127.0.0.1", 1024, 8),
                directory,
                hypervisor,
                this::template,
                new Ports("127.0.0.1", firstPort, PORTS),
                new Drain(directory.resolve("draining")),
                Clock.systemUTC(),
                ledger);
        instances.listen(events::add);
    }

    Reply ask(Command.Addressed<?> request) {
        try {
            return instances.ask(order(request)).orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof CommandFailed expected ? expected : failed;
        }
    }

    static Order order(Command.Addressed<?> request) {
        return new Order(request, "r1", Instant.now(), Instant.now().plusSeconds(60), false);
    }

    InstanceStatus status() {
        return instances.views().getFirst().status();
    }

    static String word(Event event) {
        return event instanceof Event.InstanceChanged changed
                ? changed.instance().status().name()
                : "removed";
    }

    Template template(String name) {
        return new Template(
                name,
                "",
                new Template.Boot.Disk(),
                directory.resolve("template.img"),
                "raw",
                "cirros",
                MemorySize.ofMebibytes(72),
                true,
                "");
    }

    Guest onlyGuest() {
        return hypervisor.running.values().iterator().next();
    }
}
