package io.kvmcloud.amqp;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ports of this machine that nobody listens on, from below those that the kernel gives to outgoing connections: what is free
 * now is not taken by a client of somebody's a moment later. Nor by tests of another JVM: each has a stretch of its own.
 */
public final class FreePorts {

    private static final int FIRST = 10_000;
    private static final int LAST = 20_000;
    private static final int STRETCH = 1_000;

    /** On the first port of our stretch, for as long as this JVM lives: so others see that it is taken. */
    private static final DatagramSocket CLAIM = claim();

    private static int next = CLAIM.getLocalPort() + 1;

    private FreePorts() {}

    /** One; free at this moment, so take it soon. */
    public static int take() {
        return take(1).getFirst();
    }

    /** This many in a row. */
    public static synchronized List<Integer> take(int count) {
        int end = CLAIM.getLocalPort() + STRETCH;
        for (int attempt = 0; attempt < STRETCH; attempt++) {
            int first = next + count > end ? CLAIM.getLocalPort() + 1 : next;
            next = first + count;
            List<Integer> ports = IntStream.range(first, first + count).boxed().toList();
            if (ports.stream().allMatch(FreePorts::free)) {
                return ports;
            }
        }
        throw new IllegalStateException("no " + count + " free ports in a row below " + end + ": see `ss -ltn`");
    }

    private static DatagramSocket claim() {
        for (int first = FIRST; first < LAST; first += STRETCH) {
            try {
                return new DatagramSocket(first);
            } catch (SocketException _) {
                // Another JVM has it.
            }
        }
        throw new IllegalStateException("no free stretch of ports below " + LAST + ": see `ss -lun`");
    }

    private static boolean free(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
