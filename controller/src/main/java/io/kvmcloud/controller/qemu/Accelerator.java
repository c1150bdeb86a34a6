package io.kvmcloud.controller.qemu;

import io.kvmcloud.health.KvmCheck;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import io.kvmcloud.messages.Reason;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How this host runs a guest's instructions.
 *
 * @param kind what QEMU is told to use
 * @param note why it is not KVM, for people, or empty
 */
public record Accelerator(Kind kind, String note) {

    private static final String ASKED = "TCG is asked for";

    /** The ways there are. */
    public enum Kind {
        /** The processor itself, by the kernel's {@code /dev/kvm}. */
        KVM,
        /** QEMU's translator: works everywhere, about ten times slower. */
        TCG;

        /** As QEMU and the setting spell it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Decides what to use. KVM counts only when a small test program runs under it: where a virtual machine is allowed
     * to have {@code /dev/kvm} but not to use all of it, a Linux guest would hang for ever.
     *
     * @param mode {@code auto} (KVM when it works, else TCG with a note), {@code kvm} or {@code tcg}
     * @param cacheDirectory where the outcome is kept until the machine is started again or QEMU changes; made when it
     *     is not there
     * @throws CommandFailed when QEMU is not installed, KVM is demanded and does not work, or the mode is unknown
     */
    public static Accelerator choose(String mode, Path cacheDirectory) {
        String version = AcceleratorProbe.qemuVersion();
        return switch (mode) {
            case "tcg" -> new Accelerator(Kind.TCG, ASKED);
            case "auto" -> {
                String why = whyNotKvm(version, cacheDirectory);
                yield why.isEmpty() ? new Accelerator(Kind.KVM, "") : new Accelerator(Kind.TCG, "no KVM: " + why);
            }
            case "kvm" -> {
                String why = whyNotKvm(version, cacheDirectory);
                if (!why.isEmpty()) {
                    throw new CommandFailed(
                            Reason.FAILED,
                            "KVM is demanded and does not work here: " + why,
                            KvmCheck.ofThisMachine().fix()
                                    + "; --accelerator auto uses TCG instead, which is slower and works everywhere");
                }
                yield new Accelerator(Kind.KVM, "");
            }
            default ->
                throw new CommandFailed(
                        Reason.INVALID,
                        "there is no accelerator '" + mode + "'",
                        "write --accelerator auto, kvm or tcg");
        };
    }

    /** Empty when it works. */
    private static String whyNotKvm(String version, Path cacheDirectory) {
        String obstacle = KvmCheck.ofThisMachine().obstacle();
        return obstacle.isEmpty()
                ? new ProbeCache(cacheDirectory, version).get(() -> AcceleratorProbe.run(Kind.KVM))
                : obstacle;
    }

    /** What guests run with, and why that is not KVM. */
    public List<Finding> findings(String check) {
        if (kind == Kind.KVM) {
            return List.of(Finding.ok(check, "KVM, and a test program ran under it"));
        }
        KvmCheck device = KvmCheck.ofThisMachine();
        boolean usable = device.obstacle().isEmpty();
        if (note.equals(ASKED)) {
            return List.of(
                    usable
                            ? Finding.warn(
                                    check,
                                    "TCG is asked for, though /dev/kvm may be used; it is about ten times slower",
                                    "start the controller with --accelerator auto")
                            : Finding.ok(check, "TCG, as is asked for (" + device.obstacle() + ")"));
        }
        return List.of(Finding.warn(
                check,
                note + "; guests run with TCG, about ten times slower",
                device.fix() + "; then restart the controller, which tries KVM when it starts"));
    }
}
