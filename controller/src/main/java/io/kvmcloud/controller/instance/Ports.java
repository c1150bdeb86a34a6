package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.BitSet;

/**
 * The host's ports that lead to guests' SSH: a range, each port leased to one instance at a time. Thread-safe.
 */
public final class Ports {

    private final String bindAddress;
    private final int first;
    private final int count;
    private final BitSet leased = new BitSet();

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
     * @throws CommandFailed {@link Reason#REFUSED} when there is none
     */
    synchronized int lease() {
        for (int index = leased.nextClearBit(0); index < count; index = leased.nextClearBit(index + 1)) {
            if (isFree(first + index)) {
                leased.set(index);
                return first + index;
            }
        }
        throw new CommandFailed(
                Reason.REFUSED,
                "no SSH port is free between " + first + " and " + (first + count - 1) + ": " + leased.cardinality()
                        + " are leased to instances, other programs have the rest",
                "delete an instance, or start the controller with more --ssh-ports");
    }

    /** Notes that an instance of an earlier life has this port; one outside the range is its own business. */
    synchronized void claim(int port) {
        if (port >= first && port < first + count) {
            leased.set(port - first);
        }
    }

    /** The port may go to another instance. */
    synchronized void release(int port) {
        if (port >= first && port < first + count) {
            leased.clear(port - first);
        }
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
