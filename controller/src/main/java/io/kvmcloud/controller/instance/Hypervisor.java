package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.UserData;
import io.kvmcloud.messages.WarmView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The one interface to the outside: whatever runs guests. QEMU in the product, a small fake in unit tests. */
public interface Hypervisor {

    /**
     * Makes what a new instance needs in its directory: the overlay, and the seed when the template wants one.
     *
     * @param spec the directory exists and is empty
     * @param sshKeys public keys that may log in
     * @param userData for its first boot
     * @throws CommandFailed when the disk is full or the template's files are damaged
     */
    void prepare(GuestSpec spec, List<String> sshKeys, UserData userData);

    /** {@link #start} is over by then, whatever hangs. */
    Duration START_LIMIT = Duration.ofSeconds(60);

    /**
     * Starts the guest; returns when it runs and its ports are forwarded. When its thread is interrupted it gives up, and
     * nothing runs then.
     *
     * @throws PortTaken when another program has one of its ports
     * @throws CommandFailed when it does not start, with the end of what QEMU said
     */
    Guest start(GuestSpec spec) throws PortTaken;

    /**
     * Sees to it that the next new instance like this one is a copy of a guest that has booted; completes when that is so,
     * exceptionally with {@link CommandFailed} when it will not be.
     *
     * @param like its template and sizes count
     */
    CompletableFuture<Warmed> warm(GuestSpec like);

    /**
     * A guest is there to be copied.
     *
     * @param millis it took to make; 0 when it was there
     * @param bytes it has
     */
    record Warmed(int millis, long bytes) {}

    /**
     * Looks whether a guest could be started from what is there.
     *
     * @throws CommandFailed when its disk is gone, or is not what it was made from
     */
    void check(GuestSpec spec);

    /** What is there to be copied, ordered by template. */
    List<WarmView> warm();

    /** Removes all there is to be copied of a template. */
    void cool(String template);

    /**
     * Takes back the guest that runs in this directory, started by an earlier life of this controller; empty when none
     * does. Needs no template: it may be gone or damaged meanwhile, which is nothing to the guest.
     *
     * @param uuid of its machine
     * @param sshPort taken for its port when it left no record of it
     */
    Optional<Guest> adopt(Path directory, UUID uuid, int sshPort);

    /**
     * Ends whatever process still claims this directory but cannot be adopted (it does not answer, or is not what its
     * record says), and removes the sockets and pid files it left, so that the directory can be removed or started again.
     * Never touches a process that is not ours.
     */
    void reap(Path directory);

    /** Every process that claims a directory directly in this one, whoever started it: one look at all processes. */
    List<Claim> claims(Path root);

    /** A process that says it runs the guest of a directory, there or not. */
    interface Claim {
        /** What it claims. */
        Path directory();

        /** Its process id. */
        long pid();

        /** Ends it without asking; harmless when it is gone or its id is another process's now. Waits 5 s at most. */
        void end();
    }

    /** The file in the instance's directory that keeps what the guest writes to its serial console; may not exist yet. */
    Path consoleLog(Path directory);

    /** A port of the host is in the hands of another program. */
    final class PortTaken extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Port port;

        /** @param port the one that is taken */
        public PortTaken(Port port) {
            super("port " + port + " is taken");
            this.port = port;
        }

        /** The one that is taken. */
        public Port port() {
            return port;
        }
    }
}
