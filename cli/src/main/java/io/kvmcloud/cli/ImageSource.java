package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.Image.Role;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Where a person says an image is.
 *
 * @param place a file of this machine, or an address
 * @param sha256 what it must be, or empty
 */
record ImageSource(Role role, String place, String sha256) {

    /** Whether the controllers fetch it there themselves. */
    boolean isAddress() {
        return place.matches("(?i)https?://.*");
    }

    /** @throws CommandFailed when it is to be a file of this machine, and is none */
    void requireThere() {
        if (isAddress() || isThere(Files::isRegularFile)) {
            return;
        }
        if (isThere(Files::exists)) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "'" + Output.plain(place) + "' is no plain file",
                    "copy what is in it into one first");
        }
        throw new CommandFailed(
                Reason.NOT_FOUND,
                "there is no file '" + Output.plain(place) + "'",
                "give a file of this machine, or an address like https://example.org/disk.qcow2");
    }

    private boolean isThere(Predicate<Path> what) {
        try {
            return what.test(Path.of(place));
        } catch (InvalidPathException impossible) { // in this locale
            return false;
        }
    }

    /** For the controllers; a file of this machine is read through and served. */
    Image image(ImageServer server) {
        if (isAddress()) {
            return Failures.valid(
                    () -> new Image(role, place, sha256.toLowerCase(Locale.ROOT)),
                    "write it like --disk https://example.org/disk.qcow2 --sha256 HEX");
        }
        Path file = Path.of(place);
        String found = digest(file);
        if (!sha256.isEmpty() && !sha256.equalsIgnoreCase(found)) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "the sha256 of " + place + " is " + found + ", not " + Output.plain(sha256) + "; nothing was sent",
                    "check the file and the digest");
        }
        return new Image(role, server.serve(file), found);
    }

    private static String digest(Path file) {
        try {
            return Sha256.of(file);
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    Reason.FAILED, file + " cannot be read: " + unreadable.getMessage(), "", unreadable);
        }
    }
}
