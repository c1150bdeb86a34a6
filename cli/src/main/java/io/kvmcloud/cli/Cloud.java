package io.kvmcloud.cli;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.BrokerUsers;
import io.kvmcloud.amqp.ManagementAddress;
import io.kvmcloud.amqp.Requester;
import io.kvmcloud.amqp.Users;
import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.ListControllers;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.Command.MeasureHost;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.ControllerList;
import io.kvmcloud.messages.Reply.HostMeasured;
import io.kvmcloud.messages.Reply.InstanceList;
import io.kvmcloud.settings.BrokerOptions;
import io.kvmcloud.settings.Version;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The cloud as a verb sees it: something to ask. Connects at the first question, and keeps the connection for the next
 * ones. Safe for several threads.
 */
final class Cloud implements AutoCloseable {

    /** A way to ask that has been opened. */
    interface Line extends AutoCloseable {
        <R extends Reply> R ask(Command<R> command, Op op, Duration deadline);

        /** The same for a page of a list; may tell what the next one begins after before it has read this one. */
        default <R extends Reply> R page(Command<R> command, Op op, Duration deadline, Consumer<String> next) {
            return ask(command, op, deadline);
        }

        /** What the broker calls itself. */
        String broker();

        @Override
        void close();
    }

    /** Opens a line; tests put their own cloud behind it. */
    interface Opener {
        Line open(BrokerAddress address);

        /** Its users, whom the broker keeps. */
        default Users users(ManagementAddress address) {
            return new BrokerUsers(address);
        }
    }

    /** Who looks at a host wants to see something soon, of whoever answers. */
    private static final Duration TO_MEASURE = Duration.ofSeconds(3);

    @Mixin
    private final BrokerOptions broker = new BrokerOptions();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "${env:KVM_CLOUD_WAIT:-60}",
            description = "How long to wait for an answer; also KVM_CLOUD_WAIT (default: ${DEFAULT-VALUE}).")
    private int seconds;

    private final Opener opener;
    private @Nullable BrokerAddress address;
    private @Nullable Line line;

    Cloud(Opener opener) {
        this.opener = opener;
    }

    /** The real one. */
    static Cloud overRabbitMq() {
        return new Cloud(address -> {
            var requester = Requester.open(address, "kvm-cli " + address.user(), "kvm-cli/" + Version.current());
            return new Line() {
                @Override
                public <R extends Reply> R ask(Command<R> command, Op op, Duration deadline) {
                    return op.again()
                            ? requester.askAgain(command, op.id(), deadline)
                            : requester.ask(command, op.id(), deadline);
                }

                @Override
                public <R extends Reply> R page(Command<R> command, Op op, Duration deadline, Consumer<String> next) {
                    return requester.ask(command, op.id(), deadline, next);
                }

                @Override
                public String broker() {
                    return requester.broker();
                }

                @Override
                public void close() {
                    requester.close();
                }
            };
        });
    }

    /**
     * Asks, and waits as long as --wait says.
     *
     * @throws CommandFailed with the cloud's reason, or because it does not answer
     */
    <R extends Reply> R ask(Command<R> command) {
        return ask(command, new OpId().op(), Duration.ZERO);
    }

    /** Asks under an id that the answer is told with. */
    <R extends Reply> R ask(Command<R> command, Op op) {
        return ask(command, op, Duration.ZERO);
    }

    /** All instances, however many there are. */
    List<InstanceRow> instances() {
        return instancesWithin(patience());
    }

    /** The same, when each part of the list is of no use later. */
    List<InstanceRow> instancesWithin(Duration limit) {
        return Page.all(
                (page, next) -> page(new ListInstances(page), limit, next),
                InstanceList::instances,
                InstanceList::next);
    }

    /** All controllers. */
    List<ControllerRow> controllers() {
        return controllersWithin(patience());
    }

    /** The same, when each part of the list is of no use later. */
    List<ControllerRow> controllersWithin(Duration limit) {
        return Page.all(
                (page, next) -> page(new ListControllers(page), limit, next),
                ControllerList::controllers,
                ControllerList::next);
    }

    /** Asks for what is of no use later. */
    <R extends Reply> R askWithin(Duration limit, Command<R> command) {
        return line(broker.address()).ask(command, new OpId().op(), limit);
    }

    /** What these hosts use now, all asked at once; without those that are silent or of an older release. */
    Map<ControllerName, HostMeasured> measure(List<ControllerName> hosts) {
        Map<ControllerName, HostMeasured> measured = new ConcurrentHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            hosts.forEach(host -> threads.execute(() -> {
                try {
                    measured.put(host, askWithin(TO_MEASURE, new MeasureHost(host)));
                } catch (CommandFailed olderOrAway) {
                    // Then it is not measured.
                }
            }));
        } // which waits for all of them
        return measured;
    }

    /**
     * Connects, if need be; what the broker calls itself.
     *
     * @throws CommandFailed when it does not answer, or does not let us in
     */
    String broker() {
        return line(broker.address()).broker();
    }

    /** Where the broker is, without any secret. */
    BrokerAddress address() {
        return broker.address();
    }

    /** Asks for something that takes a while by itself; --wait is for the rest. */
    <R extends Reply> R ask(Command<R> command, Op op, Duration work) {
        return line(broker.address()).ask(command, op, patience().plus(work));
    }

    private <R extends Reply> R page(Command<R> list, Duration limit, Consumer<String> next) {
        return line(broker.address()).page(list, new OpId().op(), limit, next);
    }

    private Duration patience() {
        if (seconds < 1) {
            throw new CommandFailed(
                    Reason.INVALID, "--wait: " + seconds + " seconds are too few", "write at least --wait 1");
        }
        return Duration.ofSeconds(seconds);
    }

    /**
     * The one instance that is meant by its id, its name, or the beginning of either.
     *
     * @throws CommandFailed {@link Reason#NOT_FOUND} when no controller has told of such an instance
     */
    InstanceRow instance(String word) {
        return new Selector(instances()).one(word);
    }

    /** The id of that instance; one that is written in full is not looked for. */
    InstanceId id(String word) {
        return Selector.id(word).orElseGet(() -> instance(word).instance().id());
    }

    /**
     * Who may use it.
     *
     * @param management of the broker, see {@link ManagementAddress#of}
     * @param passwordFile of the administrator, or null
     */
    Users users(String management, @Nullable Path passwordFile) {
        return opener.users(ManagementAddress.of(management, broker.address(), passwordFile));
    }

    @Override
    public synchronized void close() {
        if (line != null) {
            line.close();
            line = null;
        }
    }

    private synchronized Line line(BrokerAddress wanted) {
        if (line == null || !wanted.equals(address)) {
            close();
            line = opener.open(wanted);
            address = wanted;
        }
        return line;
    }
}
