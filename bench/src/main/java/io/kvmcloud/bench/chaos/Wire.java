package io.kvmcloud.bench.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The way of one process to the broker, which can be cut: for each of the broker's nodes a port that leads to its port. */
final class Wire implements AutoCloseable {

    private final List<ServerSocket> listeners = new ArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** @param targets the ports of the broker's nodes on this machine */
    Wire(List<Integer> targets) {
        for (int target : targets) {
            try {
                ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                listeners.add(listener);
                Thread.startVirtualThread(() -> accept(listener, target));
            } catch (IOException none) {
                throw new UncheckedIOException(none);
            }
        }
    }

    /** As they stand in a broker's address. */
    String hosts() {
        return listeners.stream()
                .map(listener -> "127.0.0.1:" + listener.getLocalPort())
                .collect(Collectors.joining(","));
    }

    /** Ends every connection at once, with a reset in both directions; what was under way is lost. */
    void cut() {
        open.forEach(Wire::reset);
    }

    @Override
    public void close() {
        for (ServerSocket listener : listeners) {
            try {
                listener.close();
            } catch (IOException _) {
                // It is closed.
            }
        }
        cut();
    }

    private void accept(ServerSocket listener, int target) {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                Thread.startVirtualThread(() -> connect(near, target));
            } catch (IOException _) {
                // Closed; or the other side was gone before we looked.
            }
        }
    }

    private void connect(Socket near, int target) {
        open.add(near);
        Socket far;
        try {
            far = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException _) {
            reset(near); // the broker is away
            return;
        }
        open.add(far);
        Thread.startVirtualThread(() -> pump(near, far));
        Thread.startVirtualThread(() -> pump(far, near));
    }

    private void pump(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException _) {
            // Cut, or an end died.
        } finally {
            reset(from);
            reset(to);
            open.remove(from);
            open.remove(to);
        }
    }

    private static void reset(Socket socket) {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        } catch (IOException _) {
            // It is gone.
        }
    }
}
