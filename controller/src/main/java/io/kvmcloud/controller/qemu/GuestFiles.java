package io.kvmcloud.controller.qemu;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The files of one instance's directory.
 *
 * @param directory the instance's own; symbolic links in it are resolved, so that one directory has one spelling on the
 *     command line of its QEMU
 */
public record GuestFiles(Path directory) {

    /** {@code sun_path} has 108 bytes, the last of which is 0 (unix(7)). */
    static final int LONGEST_SOCKET_PATH = 107;

    private static final Set<String> OF_ONE_RUN = new GuestFiles(Path.of("/"))
            .ofOneRun().stream().map(file -> file.getFileName().toString()).collect(Collectors.toUnmodifiableSet());

    /** Takes the directory as it is when it does not exist. */
    public GuestFiles {
        directory = spelledOut(directory);
    }

    /**
     * Refuses a working directory under which the sockets of an instance would not fit into a unix socket's address:
     * to be asked when it is configured, not when a guest fails.
     *
     * @param workingDirectory the controller's; instances are in {@code instances/NUMBER} below it
     * @throws CommandFailed that says how many bytes it is too long
     */
    public static void requireShortPath(Path workingDirectory) {
        Path longest = new GuestFiles(workingDirectory.resolve("instances").resolve("999999")).serialSocket();
        int tooMany = bytes(longest) - LONGEST_SOCKET_PATH;
        if (tooMany > 0) {
            Path spelledOut = spelledOut(workingDirectory);
            int length = bytes(spelledOut);
            throw new CommandFailed(
                    Reason.INVALID,
                    "the working directory is " + tooMany + " bytes too long: " + spelledOut + " has " + length
                            + " bytes, and at most " + (length - tooMany)
                            + " leave room for the address of a unix socket (" + LONGEST_SOCKET_PATH + " bytes)",
                    "choose a shorter --work-dir");
        }
    }

    /** The qcow2 overlay that the guest writes to. */
    Path disk() {
        return directory.resolve("disk.qcow2");
    }

    /** Between the overlay and the template's disk, when the guest was copied: what the copied one had written. */
    Path base() {
        return directory.resolve("base.qcow2");
    }

    /** There as long as no guest was ever left to itself on this disk: its content is worth nothing. */
    Path unused() {
        return directory.resolve("unused");
    }

    /** The public keys that may log in, for a copy that cannot read them from the seed. */
    Path keys() {
        return directory.resolve("authorized_keys");
    }

    /** What its first boot is to do, for a copy that cannot read it from the seed; not there when there is nothing. */
    Path userData() {
        return directory.resolve("user-data");
    }

    /** The memory that a copy begins with, while its QEMU opens it. */
    Path memory() {
        return directory.resolve("memory");
    }

    /** Where a guest's state comes in or goes out, for a moment. */
    Path migration() {
        return directory.resolve("state.sock");
    }

    /** What the overlay stands on, as it was when the overlay was made. */
    Path backing() {
        return directory.resolve("backing.json");
    }

    /** The NoCloud seed. */
    Path seed() {
        return directory.resolve("seed.img");
    }

    /** The process that runs the guest, written by us. */
    Path record() {
        return directory.resolve("guest.json");
    }

    /** The process id, written by QEMU. */
    Path pid() {
        return directory.resolve("pid");
    }

    /** The monitor that the controller holds; it serves one client at a time. */
    Path monitor() {
        return directory.resolve("qmp.sock");
    }

    /** A second monitor, for people. */
    Path humanMonitor() {
        return directory.resolve("hmp.sock");
    }

    /** The line to an agent in the guest. */
    Path agentSocket() {
        return directory.resolve("agent.sock");
    }

    /** The serial console. */
    public Path serialSocket() {
        return directory.resolve("serial.sock");
    }

    /** All that the serial console has shown since the instance was made; it does not exist before the first start. */
    public Path serialLog() {
        return directory.resolve("serial.log");
    }

    /** What QEMU itself had to say, since the last start. */
    public Path qemuLog() {
        return directory.resolve("qemu.log");
    }

    /** What means nothing any more when the process is gone. */
    List<Path> ofOneRun() {
        return List.of(record(), pid(), monitor(), humanMonitor(), agentSocket(), serialSocket());
    }

    /** Whether none of {@link #ofOneRun} is in this directory: one look at it instead of one for each. */
    static boolean noRunIn(Path directory) {
        String[] names = directory.toFile().list();
        return names != null && Arrays.stream(names).noneMatch(OF_ONE_RUN::contains);
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** Resolves the links of the part that exists. */
    private static Path spelledOut(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        for (Path there = absolute; there != null; there = there.getParent()) {
            try {
                return there.toRealPath().resolve(there.relativize(absolute)).normalize();
            } catch (IOException absent) {
                // Its parent may be there.
            }
        }
        return absolute;
    }
}
