package io.kvmcloud.controller.template;

import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.TemplateView;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An immutable thing to make instances from.
 *
 * @param name the directory's name and what people type
 * @param description one line for people
 * @param boot how a guest made from it starts
 * @param disk the image that overlays stand on, raw or qcow2
 * @param format of {@code disk}: {@code raw} or {@code qcow2}, as its header says
 * @param login the user to log in as, or empty
 * @param minimumMemory an instance with less is refused
 * @param seed whether a NoCloud seed is attached
 * @param diskSha256 of {@code disk}, in lower-case hex, or empty when the template does not say
 * @param warmDigest of all that a boot of it depends on, when a copy of a booted guest can be given an identity of its own;
 *     empty when it cannot
 * @param digest of its files and their names, in lower-case hex; empty when not all were read through
 * @param bytes of its files
 */
public record Template(
        String name,
        String description,
        Boot boot,
        Path disk,
        String format,
        String login,
        MemorySize minimumMemory,
        boolean seed,
        String diskSha256,
        String warmDigest,
        String digest,
        long bytes) {

    /** One whose guests always boot. */
    public Template(
            String name,
            String description,
            Boot boot,
            Path disk,
            String format,
            String login,
            MemorySize minimumMemory,
            boolean seed,
            String diskSha256) {
        this(name, description, boot, disk, format, login, minimumMemory, seed, diskSha256, "", "", 0);
    }

    /** How a guest starts. */
    public sealed interface Boot {
        /** QEMU loads the kernel; {@code disk} is the root file system. */
        record Kernel(Path kernel, @Nullable Path initrd, String commandLine) implements Boot {}

        /** {@code disk} has a boot loader of its own. */
        record Disk() implements Boot {}
    }

    /** How large a guest sees {@code disk}, in bytes. */
    public long diskBytes() throws IOException {
        return DiskImage.virtualSize(disk, format);
    }

    /** What clients see of it. */
    public TemplateView view() {
        return new TemplateView(name, description, minimumMemory, login, digest, bytes, !warmDigest.isEmpty());
    }
}
