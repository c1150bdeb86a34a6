package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Whether this controller is given new instances; a file that is there or not, so it is the same after a restart. */
public final class Drain {

    private final Path file;
    private volatile boolean on;

    /** @param file there while the controller drains */
    public Drain(Path file) {
        this.file = file;
        this.on = Files.exists(file);
    }

    /** True while it is given none. */
    public boolean isOn() {
        return on;
    }

    /**
     * Begins, or ends, to drain; harmless when that is so already.
     *
     * @throws CommandFailed when it cannot be written down; then it is as it was
     */
    public synchronized void set(boolean wanted) {
        try {
            if (wanted && !on) {
                DurableFile.write(file, new byte[0]);
            } else if (!wanted && Files.deleteIfExists(file)) {
                DurableFile.syncDirectory(Objects.requireNonNull(file.getParent()));
            }
            on = wanted;
        } catch (IOException failed) {
            throw new CommandFailed(
                    Reason.FAILED,
                    "cannot " + (wanted ? "write " : "remove ") + file + ": " + failed.getMessage(),
                    "look at the disk of its host: `df`",
                    failed);
        }
    }

    /**
     * For what only a controller does that takes new instances.
     *
     * @throws CommandFailed while it drains
     */
    public void requireOff(ControllerName controller) {
        if (on) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "controller " + controller + " is draining: it takes no new instances; nothing was done",
                    "`kvm-cloud undrain " + controller + "` lets it, `kvm-cloud controllers` shows the others");
        }
    }
}
