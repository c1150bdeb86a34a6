package io.kvmcloud.amqp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/** A door to the broker through which all that it says comes late. */
public final class SlowBroker implements AutoCloseable {

    private final TestBroker broker;
    private final Duration late;
    private final ServerSocket door;

    /** One through which a handshake that is given three seconds in all ends before it is over. */
    SlowBroker(TestBroker broker) throws IOException {
        this(broker, Duration.ofSeconds(2));
    }

    /** @param late how late each part of it comes */
    public SlowBroker(TestBroker broker, Duration late) throws IOException {
        this.broker = broker;
        this.late = late;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::relay);
    }

    /** Where this user finds the broker behind it. */
    public BrokerAddress address(String user) {
        URI there = broker.address(user).uri();
        String through = there.toString().replace(there.getAuthority(), user + "@127.0.0.1:" + door.getLocalPort());
        return BrokerAddress.of(through, broker.passwordFile(user));
    }

    private void relay() {
        try {
            while (true) {
                Socket client = door.accept();
                BrokerAddress address = broker.address("s1");
                Socket there = new Socket(address.uri().getHost(), address.port());
                Thread.startVirtualThread(() -> copy(client, there, Duration.ZERO));
                Thread.startVirtualThread(() -> copy(there, client, late));
            }
        } catch (IOException _) {
            // The test is over.
        }
    }

    private static void copy(Socket from, Socket to, Duration late) {
        try (from;
                to) {
            byte[] bytes = new byte[8192];
            for (int n; (n = from.getInputStream().read(bytes)) > 0; ) {
                Thread.sleep(late);
                to.getOutputStream().write(bytes, 0, n);
            }
        } catch (IOException | InterruptedException _) {
            // One side has hung up.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
