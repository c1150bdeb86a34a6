package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Waits until an SSH server answers. An open port says nothing: QEMU, and Docker before it, accept connections long before
 * the guest has booted; only the server's first line (RFC 4253, 4.2) does.
 *
 * @param host where the guest's port 22 is reached
 * @param port there
 */
record SshBanner(String host, int port) {

    private static final int CONNECT_MILLIS = 3_000;
    private static final int FIRST_PATIENCE_MILLIS = 2_000;
    private static final int MOST_PATIENCE_MILLIS = 16_000;
    private static final int FIRST_PAUSE_MILLIS = 10;
    private static final int MOST_PAUSE_MILLIS = 250;

    /**
     * Tries until the banner comes.
     *
     * @param between called after each vain try; throws when there is nothing to wait for any more
     * @return false when it did not come within this time
     */
    boolean await(Duration time, Runnable between) {
        long end = System.nanoTime() + time.toNanos();
        int pause = FIRST_PAUSE_MILLIS; // a copy answers at once, a guest that boots in a while
        // Under emulation a server may need seconds for its first line: each try is more patient than the one before.
        for (int patience = FIRST_PATIENCE_MILLIS; ; patience = Math.min(2 * patience, MOST_PATIENCE_MILLIS)) {
            long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            if (left <= 0) {
                return false;
            }
            if (answers((int) Math.min(left, patience))) {
                return true;
            }
            between.run();
            pause(pause);
            pause = Math.min(2 * pause, MOST_PAUSE_MILLIS);
        }
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

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(
                    Reason.TIMED_OUT, "interrupted while waiting for the guest's SSH server", "", interrupted);
        }
    }
}
