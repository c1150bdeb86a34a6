package io.kvmcloud.bench.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The way of one process to the broker, which can be cut: a port that leads to the broker's. */
final class Wire implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** @param target the broker's port of this machine */
    Wire(int target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Ends every connection at once, with a reset in both directions; what was under way is lost. */
    void cut() {
        open.forEach(Wire::reset);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException _) {
            // It is closed.
        }
        cut();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                Thread.startVirtualThread(() -> connect(near));
            } catch (IOException _) {
                // Closed; or the other side was gone before we looked.
            }
        }
    }

    private void connect(Socket near) {
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
