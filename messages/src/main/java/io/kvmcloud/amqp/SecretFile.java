package io.kvmcloud.amqp;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files with a password or a key. One that everybody may read keeps no secret, and is not taken. */
final class SecretFile {

    private SecretFile() {}

    /** The password in it, see {@link #read}. */
    static String password(Path file, String option) {
        return new String(read(file, option), StandardCharsets.UTF_8).strip();
    }

    /**
     * What is in it, read now.
     *
     * @param option that named it
     * @throws CommandFailed when it cannot be read, or everybody may
     */
    static byte[] read(Path file, String option) {
        try {
            // A group may: that is how services are given theirs.
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
                throw new CommandFailed(
                        Reason.REFUSED,
                        "everybody on this machine may read " + file + " (" + PosixFilePermissions.toString(permissions)
                                + "), which " + option + " names",
                        "`chmod 600 " + file + "`; who may have read it still knows it");
            }
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw unreadable(file, option, unreadable);
        }
    }

    static CommandFailed unreadable(Path file, String option, IOException why) {
        return new CommandFailed(Reason.INVALID, "cannot read " + file + ": " + Text.why(why), "check " + option, why);
    }
}
