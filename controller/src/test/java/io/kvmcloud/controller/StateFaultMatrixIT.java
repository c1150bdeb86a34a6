package io.kvmcloud.controller;

import static io.kvmcloud.messages.InstanceStatus.FAILED;
import static io.kvmcloud.messages.InstanceStatus.OFFLINE;
import static io.kvmcloud.messages.InstanceStatus.ONLINE;
import static io.kvmcloud.messages.InstanceStatus.PAUSED;
import static io.kvmcloud.messages.InstanceStatus.STARTING;
import static io.kvmcloud.messages.InstanceStatus.STOPPING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.amqp.WithBroker;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.PauseInstance;
import io.kvmcloud.messages.Command.RunInstance;
import io.kvmcloud.messages.Command.StopInstance;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing ever sticks: whatever an instance is doing and whatever happens to it then, it ends online, offline, failed with a
 * reason, or gone, and {@code delete -f} ends it with nothing left. For each fault there is one instance in each state, and
 * the fault hits all each at once. Faults that nobody but the instance itself feels come at the same time: each of them is
 * mostly waited out.
 */
@WithBroker(own = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StateFaultMatrixIT {

    /** Longer than QEMU may take to start, and than a guest is given to stop; the machine may be very busy. */
    private static final Duration LIMIT = Duration.ofSeconds(75);

    private static final int STOP_SECONDS = 10;

    private enum Fault {
        QEMU_KILLED("its QEMU is killed"),
        QEMU_STOPPED("its QEMU hangs"),
        CONTROLLER_KILLED("its controller is killed and started again"),
        BROKER_DOWN("the broker is killed and comes back"),
        DISK_FULL("the disk is full"),
        DIRECTORY_DELETED("its directory is deleted by hand");

        private final String words;

        Fault(String words) {
            this.words = words;
        }
    }

    private static final List<Set<Fault>> ROUNDS = List.of(
            EnumSet.of(Fault.QEMU_KILLED, Fault.QEMU_STOPPED, Fault.DIRECTORY_DELETED),
            EnumSet.of(Fault.CONTROLLER_KILLED),
            EnumSet.of(Fault.BROKER_DOWN),
            EnumSet.of(Fault.DISK_FULL));

    /** One instance in each state. */
    private record OfEach(Map<InstanceStatus, InstanceView> byState) {
        InstanceView of(InstanceStatus state) {
            return Objects.requireNonNull(byState.get(state));
        }
    }

    private TestBroker broker;
    private HostUnderTest host;
    private OneManager manager;

    @BeforeAll
    void open(TestBroker itsBroker, @TempDir Path directory) throws IOException {
        broker = itsBroker;
        host = new HostUnderTest(broker, directory);
        manager = new OneManager(broker.address("kvm-manager"), new ControllerName("s1"));
        manager.awaitController();
    }

    @AfterAll
    void close() {
        System.out.println(host.log()); // whoever finds a cell wrong has nothing else to go by
        manager.close();
        host.close();
    }

    /** What a state may become after a fault; none is gone. */
    private static Set<InstanceStatus> expected(InstanceStatus state, Fault fault) {
        return switch (fault) {
            case QEMU_KILLED ->
                switch (state) {
                    case OFFLINE, ONLINE, PAUSED, STOPPING -> EnumSet.of(OFFLINE);
                    case STARTING, FAILED -> EnumSet.of(FAILED);
                };
            case QEMU_STOPPED ->
                switch (state) {
                    case OFFLINE -> EnumSet.of(OFFLINE);
                    case ONLINE, STOPPING -> EnumSet.of(ONLINE);
                    case PAUSED -> EnumSet.of(PAUSED);
                    case STARTING, FAILED -> EnumSet.of(FAILED);
                };
            case CONTROLLER_KILLED ->
                switch (state) {
                    case OFFLINE, FAILED -> EnumSet.of(OFFLINE);
                    case STARTING, ONLINE, STOPPING -> EnumSet.of(ONLINE);
                    case PAUSED -> EnumSet.of(PAUSED);
                };
            case BROKER_DOWN ->
                switch (state) {
                    case OFFLINE -> EnumSet.of(OFFLINE);
                    case STARTING, ONLINE, STOPPING -> EnumSet.of(ONLINE);
                    case PAUSED -> EnumSet.of(PAUSED);
                    case FAILED -> EnumSet.of(FAILED);
                };
            case DISK_FULL ->
                switch (state) {
                    case OFFLINE -> EnumSet.of(OFFLINE);
                    case ONLINE, STOPPING -> EnumSet.of(ONLINE);
                    case PAUSED -> EnumSet.of(PAUSED);
                    case STARTING -> EnumSet.of(ONLINE, FAILED);
                    case FAILED -> EnumSet.of(FAILED);
                };
            case DIRECTORY_DELETED -> EnumSet.noneOf(InstanceStatus.class);
        };
    }

    @TestFactory
    Stream<DynamicContainer> nothingSticks() {
        return ROUNDS.stream()
                .map(round -> DynamicContainer.dynamicContainer(
                        round.toString(), Stream.of(round).flatMap(this::hit)));
    }

    private Stream<DynamicTest> hit(Set<Fault> round) {
        Map<Fault, OfEach> instances = oneInEachStateForEach(round);
        instances.forEach(this::apply);
        return Stream.concat(
                instances.entrySet().stream().flatMap(hit -> cells(hit.getKey(), hit.getValue())),
                round.stream()
                        .map(fault -> DynamicTest.dynamicTest(
                                "after it, when " + fault.words + ", the controller works as before",
                                () -> worksAgain(fault))));
    }

    private Stream<DynamicTest> cells(Fault fault, OfEach instances) {
        Stream<DynamicTest> each = Stream.of(InstanceStatus.values()).map(state -> {
            Set<InstanceStatus> ends = expected(state, fault);
            String name = "when %s, an instance that is %s becomes %s, and delete -f leaves nothing"
                    .formatted(fault.words, state, ends.isEmpty() ? "gone" : ends);
            return DynamicTest.dynamicTest(name, () -> endsAndIsDeleted(instances.of(state), fault, ends));
        });
        if (fault == Fault.CONTROLLER_KILLED) {
            DynamicTest resumed = DynamicTest.dynamicTest(
                    "when " + fault.words + ", what was asked before is done and its outcome known",
                    () -> areResumed(instances));
            each = Stream.concat(Stream.of(resumed), each);
        }
        return each;
    }

    /** Those whose time runs come last, and at once: a start that is held is given up, a stop too. */
    private Map<Fault, OfEach> oneInEachStateForEach(Set<Fault> round) {
        Map<Fault, OfEach> instances = new EnumMap<>(Fault.class);
        round.forEach(fault -> instances.put(fault, newOnes()));
        CompletableFuture.allOf(instances.values().stream()
                        .flatMap(each -> Stream.of(
                                run(each.of(ONLINE), Reply.InstanceStarted.class),
                                run(each.of(PAUSED), Reply.InstanceStarted.class),
                                run(each.of(STOPPING), Reply.InstanceStarted.class),
                                run(damaged(each.of(FAILED)), Reply.Failure.class)))
                        .toArray(CompletableFuture[]::new))
                .join();
        instances.values().forEach(each -> pause(each.of(PAUSED).id()));
        instances.values().forEach(each -> beginStart(each.of(STARTING).id()));
        instances
                .values()
                .forEach(each -> await("the QEMU of " + each.of(STARTING).id())
                        .atMost(LIMIT)
                        .until(() -> host.isHeld(each.of(STARTING).id())));
        instances.values().forEach(each -> beginStop(each.of(STOPPING).id()));
        instances
                .values()
                .forEach(each -> each.byState()
                        .forEach((state, instance) -> await(instance.id() + " to be " + state)
                                .atMost(LIMIT)
                                .until(() -> is(instance.id(), state))));
        return instances;
    }

    private OfEach newOnes() {
        OfEach instances = new OfEach(new EnumMap<>(InstanceStatus.class));
        for (InstanceStatus state : InstanceStatus.values()) {
            Reply created = manager.ask(newInstance());
            assertThat(created).isInstanceOf(Reply.InstanceCreated.class);
            instances.byState().put(state, ((Reply.InstanceCreated) created).instance());
        }
        return instances;
    }

    private CompletableFuture<?> run(InstanceView instance, Class<? extends Reply> answer) {
        return manager.send(new RunInstance(instance.id()))
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .thenAccept(reply -> assertThat(reply).isInstanceOf(answer));
    }

    private void pause(InstanceId id) {
        assertThat(manager.ask(new PauseInstance(id))).isInstanceOf(Reply.InstancePaused.class);
    }

    private InstanceView damaged(InstanceView instance) {
        file(() -> Files.write(host.directoryOf(instance.id()).resolve("disk.qcow2"), new byte[100]));
        return instance;
    }

    private void beginStart(InstanceId id) {
        file(() -> Files.createFile(host.directoryOf(id).resolve("hold")));
        manager.send(new RunInstance(id), opOf(id));
    }

    private void beginStop(InstanceId id) {
        manager.send(new StopInstance(id, STOP_SECONDS, false), opOf(id));
    }

    private void apply(Fault fault, OfEach instances) {
        List<InstanceId> all =
                instances.byState().values().stream().map(InstanceView::id).toList();
        switch (fault) {
            case QEMU_KILLED -> all.forEach(id -> signal("KILL", id));
            case QEMU_STOPPED -> all.forEach(id -> signal("STOP", id));
            case CONTROLLER_KILLED -> manager.whileControllerIsAway(host::restartController);
            case BROKER_DOWN ->
                manager.whileControllerIsAway(() -> {
                    broker.kill();
                    goOn(instances);
                    broker.start();
                });
            case DISK_FULL -> {
                host.disk().fill();
                assertThat(manager.ask(newInstance()))
                        .isInstanceOfSatisfying(
                                Reply.Failure.class,
                                failure -> assertThat(failure.reason()).isEqualTo(Reason.FAILED));
                assertThat(manager.ask(new RunInstance(instances.of(FAILED).id())))
                        .isInstanceOfSatisfying(Reply.Failure.class, failure -> {
                            assertThat(failure.message()).endsWith(": No space left on device");
                            assertThat(failure.hint()).contains("kvm-cloud doctor");
                        });
            }
            case DIRECTORY_DELETED ->
                all.forEach(id -> Commands.run("rm", "-rf", host.directoryOf(id).toString()));
        }
        if (fault != Fault.QEMU_STOPPED) {
            goOn(instances);
        }
    }

    /** The start that was held goes on, into whatever the fault has left of its world. */
    private void goOn(OfEach instances) {
        signal("CONT", instances.of(STARTING).id());
    }

    private void endsAndIsDeleted(InstanceView instance, Fault fault, Set<InstanceStatus> ends) {
        InstanceId id = instance.id();
        await(id + " to be " + ends)
                .atMost(LIMIT)
                .until(() -> ends.isEmpty()
                        ? manager.view(id).isEmpty()
                        : manager.view(id)
                                .filter(view -> ends.contains(view.status()))
                                .isPresent());
        if (is(id, FAILED)) {
            assertThat(manager.view(id).orElseThrow().note()).isNotBlank();
        }
        if (is(id, ONLINE) && fault == Fault.QEMU_STOPPED) {
            await("a note")
                    .atMost(LIMIT)
                    .until(() -> manager.view(id)
                            .filter(view -> view.note().startsWith("QEMU does not answer ("))
                            .isPresent());
        }

        assertThat(manager.ask(new DeleteInstance(id, true))).isEqualTo(new Reply.InstanceDeleted(id));

        await(id + " to be gone").atMost(LIMIT).until(() -> manager.view(id).isEmpty());
        assertThat(host.directoryOf(id)).doesNotExist();
        assertThat(host.instances().resolve("." + id.number())).doesNotExist();
        assertThat(host.qemu(id)).isEmpty();
        file(() -> {
            try (ServerSocket free = new ServerSocket(instance.sshPort(), 1, InetAddress.getLoopbackAddress())) {
                return free.isBound();
            }
        });
        assertThat(manager.ask(new DeleteInstance(id, true))).isEqualTo(new Reply.InstanceDeleted(id));
    }

    private void areResumed(OfEach instances) {
        InstanceId started = instances.of(STARTING).id();
        assertThat(manager.send(new RunInstance(started), opOf(started)))
                .succeedsWithin(LIMIT)
                .isInstanceOf(Reply.InstanceStarted.class);
        InstanceId stopped = instances.of(STOPPING).id();
        assertThat(manager.send(new StopInstance(stopped, STOP_SECONDS, false), opOf(stopped)))
                .succeedsWithin(LIMIT)
                .isInstanceOfSatisfying(
                        Reply.Failure.class,
                        failure -> assertThat(failure.message()).contains("did not power down within 10 s"));
    }

    private static String opOf(InstanceId id) {
        return "op of " + id;
    }

    private void worksAgain(Fault fault) {
        if (fault == Fault.DISK_FULL) {
            manager.whileControllerIsAway(host::restartController); // it also starts on a full disk
            host.disk().makeRoom();
        }
        assertThat(host.instances()).isEmptyDirectory();
        Reply created = manager.ask(newInstance());
        assertThat(created).isInstanceOf(Reply.InstanceCreated.class);
        InstanceId id = ((Reply.InstanceCreated) created).instance().id();
        assertThat(manager.ask(new RunInstance(id))).isInstanceOf(Reply.InstanceStarted.class);
        assertThat(manager.ask(new DeleteInstance(id, true))).isInstanceOf(Reply.InstanceDeleted.class);
        assertThat(host.controllerRuns()).isTrue();
    }

    private boolean is(InstanceId id, InstanceStatus state) {
        return manager.view(id).filter(view -> view.status() == state).isPresent();
    }

    private void signal(String name, InstanceId id) {
        host.qemu(id).ifPresent(process -> HostUnderTest.signal(name, process));
    }

    private static NewInstance newInstance() {
        return new NewInstance("empty", MemorySize.ofMebibytes(64), 1, List.of());
    }

    private interface Disk {
        Object touch() throws IOException;
    }

    private static void file(Disk disk) {
        try {
            disk.touch();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
