package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.Forward.Protocol;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * The host's ports that lead to guests, each leased to one instance at a time: those of a range to guests' SSH, others where
 * people ask for them. Thread-safe.
 */
public final class Ports {

    /** Where "any free port" is looked for: below those that Linux gives to programs that do not care. */
    private static final int FIRST_ANY = 30_000;

    private static final int ANY = 2_768;

    private final String bindAddress;
    private final int first;
    private final int count;
    private final Map<Port, InstanceId> leases = new HashMap<>();

    /** Of the range for SSH, counted from its first, those that are leased: the lowest other one is found without a look at all. */
    private final BitSet taken = new BitSet();

    /**
     * @param bindAddress the host address the ports are bound at
     * @param first the lowest port for SSH
     * @param count how many there are
     * @throws CommandFailed when the range is not within 1 to 65535
     */
    public Ports(String bindAddress, int first, int count) {
        if (first < 1 || count < 1 || first + count - 1 > 65_535) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "SSH ports " + first + " to " + (first + count - 1) + " are not all between 1 and 65535",
                    "check --first-ssh-port and --ssh-ports");
        }
        this.bindAddress = bindAddress;
        this.first = first;
        this.count = count;
    }

    /**
     * Leases the lowest port for SSH that nobody has, strangers included.
     *
     * @throws CommandFailed {@link Reason#REFUSED} when there is none
     */
    synchronized int lease(InstanceId instance) {
        for (int at = taken.nextClearBit(0); at < count; at = taken.nextClearBit(at + 1)) {
            Port port = ssh(first + at);
            if (obstacle(bindAddress, port).isEmpty()) {
                claim(port, instance);
                return port.number();
            }
        }
        throw new CommandFailed(
                Reason.REFUSED,
                "no SSH port is free between " + first + " and " + (first + count - 1) + ": " + taken.cardinality()
                        + " are leased to instances, other programs have the rest",
                "delete an instance, or start the controller with more --ssh-ports");
    }

    /**
     * Leases the host's port of a forward, and returns the forward with it.
     *
     * @throws CommandFailed {@link Reason#REFUSED} when an instance or another program has it; says which
     */
    synchronized Forward lease(Forward wanted, InstanceId instance) {
        if (wanted.host() == 0) {
            return leaseAny(wanted, instance);
        }
        InstanceId owner = leases.get(wanted.port());
        if (owner != null) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "port " + wanted.port() + " leads to " + owner + " already",
                    "`kvm-cloud info " + owner + "` shows its ports; `:" + wanted.guest() + "` takes any that is free");
        }
        String obstacle = obstacle(bindAddress, wanted.port());
        if (!obstacle.isEmpty()) {
            throw taken(wanted.port(), obstacle, instance);
        }
        claim(wanted.port(), instance);
        return wanted;
    }

    /** In a different place each time: controllers that share a host do not meet. */
    private Forward leaseAny(Forward wanted, InstanceId instance) {
        int start = ThreadLocalRandom.current().nextInt(ANY);
        for (int i = 0; i < ANY; i++) {
            Forward forward = wanted.at(FIRST_ANY + (start + i) % ANY);
            if (!leases.containsKey(forward.port())
                    && obstacle(bindAddress, forward.port()).isEmpty()) {
                claim(forward.port(), instance);
                return forward;
            }
        }
        throw new CommandFailed(
                Reason.REFUSED,
                "no port is free between " + FIRST_ANY + " and " + (FIRST_ANY + ANY - 1),
                "name a port of the host: HOST:" + wanted.guest());
    }

    /** The answer when a forward's port cannot be had from the system. */
    CommandFailed taken(Port port, String obstacle, InstanceId instance) {
        return new CommandFailed(
                Reason.REFUSED,
                "port " + port + " of " + bindAddress + " cannot lead to " + instance + ": " + obstacle,
                "`ss -lnp sport = :" + port.number()
                        + "` on its host shows who has it; take another, or `:GUEST` for any");
    }

    /** What is left of the range; nobody else can be given one of these ports meanwhile. */
    public synchronized List<Finding> findings(String check) {
        int leased = taken.cardinality();
        int foreign = (int) IntStream.range(0, count)
                .filter(at -> !taken.get(at)
                        && !obstacle(bindAddress, ssh(first + at)).isEmpty())
                .count();
        int free = count - leased - foreign;
        String what = free + " SSH ports free of " + count + " between " + first + " and " + (first + count - 1)
                + " at " + bindAddress + " (instances have " + leased + ", other programs " + foreign + ")";
        String fix = "start the controller with more --ssh-ports, or delete instances; `ss -ltnp` on its host shows who"
                + " has the others";
        return List.of(
                free == 0
                        ? Finding.fail(check, what, fix)
                        : free < Math.max(1, count / 10) || foreign > count / 2
                                ? Finding.warn(check, what, fix)
                                : Finding.ok(check, what));
    }

    /** Notes that an instance has this port: one of an earlier life, or of now. */
    synchronized void claim(Port port, InstanceId instance) {
        leases.put(port, instance);
        note(port, true);
    }

    /** The port may go to another instance; nothing happens unless this one has it. */
    synchronized void release(Port port, InstanceId instance) {
        if (leases.remove(port, instance)) {
            note(port, false);
        }
    }

    private void note(Port port, boolean isLeased) {
        if (port.protocol() == Protocol.TCP && port.number() >= first && port.number() < first + count) {
            taken.set(port.number() - first, isLeased);
        }
    }

    /** Each leased port with the instance that has it. */
    synchronized Map<Port, InstanceId> leases() {
        return Map.copyOf(leases);
    }

    /** The port that leads to a guest's SSH. */
    static Port ssh(int number) {
        return new Port(number, Protocol.TCP);
    }

    /** Why the system does not give this port away; empty when it does. */
    public static String obstacle(String bindAddress, Port port) {
        InetSocketAddress address = new InetSocketAddress(bindAddress, port.number());
        try {
            switch (port.protocol()) {
                case TCP -> {
                    try (ServerSocket probe = new ServerSocket()) {
                        probe.setReuseAddress(true);
                        probe.bind(address);
                    }
                }
                case UDP -> new DatagramSocket(address).close();
            }
            return "";
        } catch (IOException refused) {
            return String.valueOf(refused.getMessage());
        }
    }
}
