package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Reason;
import java.io.IOException;

/**
 * What this controller is and may give away.
 *
 * @param bindAddress where the SSH ports are bound
 * @param address at which clients reach them
 * @param memoryMebibytes for instances, in MiB
 * @param cpus virtual CPUs for instances
 */
public record Host(ControllerName name, String bindAddress, String address, long memoryMebibytes, int cpus) {

    /** The answer when the disk does not take something. */
    CommandFailed diskTrouble(String what, IOException why) {
        return new CommandFailed(
                Reason.FAILED,
                "controller " + name + " " + what + ": " + why.getMessage(),
                "look at the disk of its host: `df`",
                why);
    }
}
