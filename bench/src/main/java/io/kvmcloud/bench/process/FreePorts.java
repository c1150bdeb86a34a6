package io.kvmcloud.bench.process;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Ports of this machine that nobody listens on, from below those that the kernel gives to outgoing connections. */
public final class FreePorts {

    private static final int FIRST = 25_000;
    private static final int LAST = 32_000;

    private int next;

    private static final class Stretch {
        private static final int LENGTH = 1_000;

        /** On its first port, for as long as this JVM lives: so others see that it is taken. */
        static final DatagramSocket CLAIM = claim();

        private static DatagramSocket claim() {
            for (int first = FIRST; first < LAST; first += LENGTH) {
                try {
                    return new DatagramSocket(first);
                } catch (SocketException _) {
                    // Another bench has it.
                }
            }
            throw new IllegalStateException("no free stretch of ports below " + LAST + ": see `ss -lun`");
        }
    }

    /** From a stretch of this JVM's own: several benches side by side must not look at the same. */
    public FreePorts() {
        this(Stretch.CLAIM.getLocalPort() + 1);
    }

    /** @param first where to look first */
    public FreePorts(int first) {
        this.next = first;
    }

    /** This many in a row; free at this moment, so take them soon. */
    public List<Integer> block(int count) {
        while (next + count < LAST) {
            List<Integer> block = IntStream.range(next, next + count).boxed().toList();
            next += count;
            if (block.stream().allMatch(FreePorts::free)) {
                return block;
            }
        }
        throw new IllegalStateException("no " + count + " free ports in a row below " + LAST + ": see `ss -ltn`");
    }

    /** Waits until the process that had them is gone for good. */
    public void awaitFree(List<Integer> ports) {
        while (!ports.stream().allMatch(FreePorts::free)) {
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** Whether nobody listens there. */
    public static boolean free(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
