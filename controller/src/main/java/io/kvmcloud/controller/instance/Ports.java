package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The host's ports that lead to guests' SSH: a range, each port leased to one instance at a time. Thread-safe.
 */
public final class Ports {

    private final String bindAddress;
    private final int first;
    private final int count;
    private final SortedMap<Integer, Long> leases = new TreeMap<>();

    /**
     * @param bindAddress the host address the ports are bound at
     * @param first the lowest port
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
     * Leases the lowest port that nobody has, strangers included.
     *
     * @param instance the number of the one it is for
     * @throws CommandFailed {@link Reason#REFUSED} when there is none
     */
    synchronized int lease(long instance) {
        for (int port = first; port < first + count; port++) {
            if (!leases.containsKey(port) && isFree(port)) {
                leases.put(port, instance);
                return port;
            }
        }
        throw new CommandFailed(
                Reason.REFUSED,
                "no SSH port is free between " + first + " and " + (first + count - 1) + ": " + leases.size()
                        + " are leased to instances, other programs have the rest",
                "delete an instance, or start the controller with more --ssh-ports");
    }

    /** Notes that an instance of an earlier life has this port; one outside the range is its own business. */
    synchronized void claim(int port, long instance) {
        if (port >= first && port < first + count) {
            leases.put(port, instance);
        }
    }

    /** The port may go to another instance; nothing happens unless this one has it. */
    synchronized void release(int port, long instance) {
        leases.remove(port, instance);
    }

    /** Each leased port with the number of the instance that has it. */
    synchronized Map<Integer, Long> leases() {
        return Map.copyOf(leases);
    }

    private boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(bindAddress), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
