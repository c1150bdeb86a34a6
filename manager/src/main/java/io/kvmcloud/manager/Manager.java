package io.kvmcloud.manager;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.Session;
import io.kvmcloud.amqp.SessionLoop;
import io.kvmcloud.lifecycle.ShutdownSignal;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.settings.BrokerOptions;
import io.kvmcloud.settings.Daemon;
import io.kvmcloud.settings.Version;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The manager's main: two connections to the broker, one for commands, one for events and reads. */
@Command(
        name = "kvm-cloud-manager",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Routes commands to controllers and answers lists.",
            "Start as many as you like, before or after the controllers and the broker: one is active, the others stand by."
        })
public final class Manager implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(Manager.class);
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "${env:KVM_CLOUD_NAME}",
            description =
                    "What the management console calls this manager; also KVM_CLOUD_NAME (default: made of host and pid).")
    private @Nullable String name;

    @Option(
            names = "--controllers",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "${env:KVM_CLOUD_CONTROLLERS}",
            description =
                    "Serve only these, separated by commas; also KVM_CLOUD_CONTROLLERS (default: all that announce themselves).")
    private List<String> controllers = List.of();

    /** Runs a manager until it is told to end. */
    public static void main(String... arguments) {
        System.exit(Daemon.run(new Manager(), arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        String id = name == null || name.isEmpty() ? ownName() : checked(name);
        BrokerAddress address = broker.address();
        try (var shutdown = new ShutdownSignal();
                var running = start(address, id, served(controllers), Clock.systemUTC())) {
            LOG.info("manager {} runs, version {}", running, Version.current());
            shutdown.await();
            LOG.info("manager {} ends", running);
        }
        return 0;
    }

    /** A manager at work, for as long as it is not closed. */
    record Running(String id, SessionLoop reads, SessionLoop commands) implements AutoCloseable {

        @Override
        public void close() {
            commands.close(); // a standby takes over while we still answer reads
            reads.close();
        }

        @Override
        public String toString() {
            return id;
        }
    }

    /** Starts one; returns at once, whether a broker is there or not. */
    static Running start(BrokerAddress address, String id, Set<ControllerName> only, Clock clock) {
        Controllers table = new Controllers(clock, only);
        Trail trail = new Trail(id, clock);
        return new Running(
                id,
                SessionLoop.start(address, "kvm-manager " + id + " queries", new Reads(id, clock, table, trail)),
                SessionLoop.start(address, "kvm-manager " + id + " commands", new Router(id, clock, table, trail)));
    }

    private static Set<ControllerName> served(List<String> names) {
        Set<ControllerName> served = new LinkedHashSet<>();
        for (String text : names) {
            try {
                if (!text.isBlank()) {
                    served.add(new ControllerName(text.strip()));
                }
            } catch (IllegalArgumentException malformed) {
                throw new CommandFailed(
                        Reason.INVALID,
                        "--controllers: " + malformed.getMessage(),
                        "write it like --controllers s1,s2",
                        malformed);
            }
        }
        return served;
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "--name: a manager's name is 1 to 32 lower-case letters, digits and dashes, first a letter",
                    "write it like --name m1");
        }
        return name;
    }

    /** Two managers on one broker must differ; host and pid do, also in containers, whose host names differ. */
    private static String ownName() {
        return "m" + Integer.toString(Session.host().hashCode() & 0xffff, 36) + "-"
                + Long.toString(ProcessHandle.current().pid(), 36);
    }
}
