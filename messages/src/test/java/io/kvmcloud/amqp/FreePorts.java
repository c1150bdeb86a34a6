package io.kvmcloud.amqp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * Ports of this machine that nobody listens on, from below those that the kernel gives to outgoing connections: what is free
 * now is not taken by a client of somebody's a moment later.
 */
public final class FreePorts {

    private static final int FIRST = 10_000;
    private static final int LAST = 20_000;

    private FreePorts() {}

    /** One; free at this moment, so take it soon. */
    public static int take() {
        return take(1).getFirst();
    }

    /** This many in a row. */
    public static List<Integer> take(int count) {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            // Not the next ones: tests of other JVMs look for some at the same time.
            int first = ThreadLocalRandom.current().nextInt(FIRST, LAST - count);
            List<Integer> ports = IntStream.range(first, first + count).boxed().toList();
            if (ports.stream().allMatch(FreePorts::free)) {
                return ports;
            }
        }
        throw new IllegalStateException("no " + count + " free ports in a row below " + LAST + ": see `ss -ltn`");
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
