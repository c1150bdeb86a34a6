package io.kvmcloud.health;

import io.kvmcloud.messages.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether this user may use hardware virtualisation. Whether it really works, only a guest tells: a controller tries one.
 *
 * @param device {@code /dev/kvm}
 * @param cpuinfo what the kernel says of the processor, as in {@code /proc/cpuinfo}
 */
public record KvmCheck(Path device, Path cpuinfo) implements Check {

    private static final String FIRMWARE =
            "switch virtualisation on in the firmware, or in a guest ask whoever runs its host for nested virtualisation";

    /** The device is there and does not do what it should: so it is in virtual machines. */
    private static final String NESTED =
            "this machine's own host does not let it virtualise: ask whoever runs that, or take a real machine";

    /** That of this machine. */
    public static KvmCheck ofThisMachine() {
        return new KvmCheck(Path.of("/dev/kvm"), Path.of("/proc/cpuinfo"));
    }

    @Override
    public String name() {
        return "accelerator";
    }

    @Override
    public List<Finding> findings() {
        String why = obstacle();
        return List.of(
                why.isEmpty()
                        ? Finding.ok(name(), device + " may be used; whether it works, a controller finds out")
                        : Finding.warn(name(), "no KVM: " + why + "; guests are about ten times slower", fix()));
    }

    /** Why the device cannot be used; empty when it can. */
    public String obstacle() {
        if (!Files.exists(device)) {
            return "there is no " + device
                    + (virtualisation() ? "" : " (no virtualisation in this processor, or it is off in the firmware)");
        }
        return Files.isReadable(device) && Files.isWritable(device) ? "" : "this user may not use " + device;
    }

    /** What makes it usable, as far as that can be told; never empty. */
    public String fix() {
        if (Files.exists(device)) {
            return obstacle().isEmpty() ? NESTED : "`sudo usermod -aG kvm $USER`, then log in again";
        }
        return virtualisation() ? "`sudo modprobe kvm_intel` or `sudo modprobe kvm_amd` loads the driver" : FIRMWARE;
    }

    private boolean virtualisation() {
        try {
            return Files.readString(cpuinfo).matches("(?s).*\\b(vmx|svm)\\b.*");
        } catch (IOException unknown) {
            return false;
        }
    }
}
