package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reply;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What an instance is doing. Each state carries only what it has; only {@link Instance} goes from one to another.
 *
 * <pre>
 *              run                    guest or QEMU ends
 *   Offline ────────▶ Starting ──▶ Online ───────────────▶ Offline
 *      ▲                  │          │ ▲
 *      │ run    it failed │     stop │ │ deadline: the guest did not power down
 *      └───── Failed ◀────┘          ▼ │
 *                                 Stopping ──────────────▶ Offline
 * </pre>
 *
 * <p>An Online one may be Paused and goes on when it is resumed; that is what its monitor says, whoever did it.
 *
 * <p>Starting and Stopping belong to a request and have a deadline; {@link Instance} leaves them when it has passed, whatever
 * hangs. Kill ends them as it ends Online.
 */
sealed interface InstanceState {

    /** The word people see. */
    InstanceStatus status();

    /** No QEMU runs; the note tells how the last one ended. */
    record Offline(String note) implements InstanceState {
        @Override
        public InstanceStatus status() {
            return InstanceStatus.OFFLINE;
        }
    }

    /**
     * QEMU is being started.
     *
     * @param requestId whose doing it is
     * @param deadline it is over by then, one way or the other
     * @param asked who waits for the end
     */
    record Starting(String requestId, Instant deadline, Launch launch, CompletableFuture<Reply> asked)
            implements InstanceState {
        @Override
        public InstanceStatus status() {
            return InstanceStatus.STARTING;
        }
    }

    /** QEMU runs. */
    record Online(Guest guest) implements InstanceState {
        @Override
        public InstanceStatus status() {
            return InstanceStatus.ONLINE;
        }
    }

    /** QEMU runs, the guest's CPUs stand still. */
    record Paused(Guest guest) implements InstanceState {
        @Override
        public InstanceStatus status() {
            return InstanceStatus.PAUSED;
        }
    }

    /**
     * The guest was asked to power down and is asked again until it does.
     *
     * @param order whose doing it is; a restart goes on from Offline to Starting
     * @param deadline it is ONLINE again then, if it has not listened
     * @param seconds how long it was given, for the message when it does not
     * @param asked who waits for the end
     */
    record Stopping(Guest guest, Order order, Instant deadline, int seconds, CompletableFuture<Reply> asked)
            implements InstanceState {
        @Override
        public InstanceStatus status() {
            return InstanceStatus.STOPPING;
        }
    }

    /** It could not be started; run tries again. */
    record Failed(String why) implements InstanceState {
        @Override
        public InstanceStatus status() {
            return InstanceStatus.FAILED;
        }
    }

    /** Why it is in this state, for the log. */
    default String cause() {
        return switch (this) {
            case Starting starting -> " for request " + starting.requestId() + ", until " + starting.deadline();
            case Stopping stopping -> " for request " + stopping.order().requestId() + ", until " + stopping.deadline();
            case Offline _, Online _, Paused _, Failed _ -> note().isEmpty() ? "" : ": " + note();
        };
    }

    /** The guest that runs for certain. */
    default Optional<Guest> running() {
        return switch (this) {
            case Online(var guest) -> Optional.of(guest);
            case Paused(var guest) -> Optional.of(guest);
            case Stopping stopping -> Optional.of(stopping.guest());
            case Offline _, Starting _, Failed _ -> Optional.empty();
        };
    }

    /** How its guest came up. */
    default BootReport boot() {
        return running().map(Guest::boot).orElse(BootReport.NONE);
    }

    /** What {@link InstanceView#note} says in this state. */
    default String note() {
        return switch (this) {
            case Offline offline -> offline.note();
            case Failed failed -> failed.why();
            case Starting _, Online _, Paused _, Stopping _ -> "";
        };
    }
}
