package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits until an SSH server answers. An open port says nothing: QEMU, and Docker before it, accept connections long before
 * the guest has booted; only the server's first line (RFC 4253, 4.2) does.
 *
 * @param host where the guest's port 22 is reached
 * @param port there
 * @param reachable whether the guest is known to have a network
 */
record SshBanner(String host, int port, boolean reachable) {

    private static final int CONNECT_MILLIS = 3_000;
    private static final int LEAST_PATIENCE_MILLIS = 600;
    private static final int LEAST_PATIENCE_WHEN_REACHABLE_MILLIS = 30_000;
    /** At a time; fewer than the connections without a login that small servers allow. */
    private static final int TRIES = 3;

    private static final int BETWEEN_MILLIS = 2_000;
    private static final int LEAST_PAUSE_MILLIS = 10;

    /** Of a running instance. */
    static SshBanner of(InstanceView instance) {
        // A copy has its network before we hear of it.
        return new SshBanner(
                instance.address(), instance.sshPort(), instance.boot().wasWarm());
    }

    /**
     * Tries until the banner comes.
     *
     * <p>A connection that was made before the guest had a network may hang for long after it has one, and under emulation a
     * server may need seconds for its first line. So several tries overlap, and all become more patient with the time. A guest
     * that has its network gets one try for long: each that is given up is work that it does all the same, and the next waits
     * for that. Twenty busy guests whose tries were given up after 6 seconds did nothing but begin connections for minutes.
     *
     * @param between called every two seconds while nothing comes; throws when there is nothing to wait for any more
     * @return false when it did not come within this time
     */
    boolean await(Duration time, Runnable between) {
        long begun = System.nanoTime();
        int least = reachable ? LEAST_PATIENCE_WHEN_REACHABLE_MILLIS : LEAST_PATIENCE_MILLIS;
        CompletableFuture<Boolean> answered = new CompletableFuture<>();
        Semaphore tries = new Semaphore(TRIES);
        int asked = 0;
        while (true) {
            int waited = (int) Duration.ofNanos(System.nanoTime() - begun).toMillis();
            long left = time.toMillis() - waited;
            if (left <= 0) {
                return false;
            }
            int patience = (int) Math.min(left, Math.max(waited * 3L / 10, least));
            CompletableFuture<Boolean> one = new CompletableFuture<>();
            if (tries.tryAcquire()) {
                Thread.startVirtualThread(() -> {
                    boolean there = answers(patience);
                    tries.release();
                    if (there) {
                        answered.complete(true);
                    }
                    one.complete(there);
                });
            }
            // The next one starts when this one fails, but not at once, or after its share of the time.
            if (come(answered, one, patience / TRIES) || come(answered, answered, LEAST_PAUSE_MILLIS + waited / 50)) {
                return true;
            }
            if (waited - asked > BETWEEN_MILLIS) {
                asked = waited;
                between.run();
            }
        }
    }

    /** Waits until either is known, at most so long; whether it has answered. */
    private static boolean come(CompletableFuture<Boolean> answered, CompletableFuture<Boolean> other, int millis) {
        try {
            var _ = CompletableFuture.anyOf(answered, other).get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            // Not yet.
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(
                    Reason.TIMED_OUT, "interrupted while waiting for the guest's SSH server", "", interrupted);
        }
        return answered.isDone();
    }

    private boolean answers(int patienceMillis) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), Math.min(patienceMillis, CONNECT_MILLIS));
            socket.setSoTimeout(patienceMillis);
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(4), StandardCharsets.US_ASCII).equals("SSH-");
        } catch (IOException _) {
            return false; // refused, reset, silent: not yet
        }
    }
}
