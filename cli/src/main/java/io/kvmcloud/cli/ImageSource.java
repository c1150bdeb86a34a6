package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Image;
import io.kvmcloud.messages.Image.Role;
import io.kvmcloud.messages.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Where a person says an image is.
 *
 * @param place a file of this machine, or an address
 * @param sha256 what it must be, or empty
 */
record ImageSource(Role role, String place, String sha256) {

    private static final int CHUNK = 1 << 20;

    /** Whether the controllers fetch it there themselves. */
    boolean isAddress() {
        return place.matches("(?i)https?://.*");
    }

    /** How long a file of this machine is, in bytes. */
    long bytes() {
        try {
            Path file = Path.of(place);
            if (!Files.isRegularFile(file)) {
                throw new NoSuchFileException(place);
            }
            return Files.size(file);
        } catch (IOException | InvalidPathException absent) {
            throw new CommandFailed(
                    Reason.NOT_FOUND,
                    "there is no file '" + Output.plain(place) + "'",
                    "give a file of this machine, or an address like https://example.org/disk.qcow2",
                    absent);
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
        try (InputStream bytes = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[CHUNK];
            for (int read = bytes.read(chunk); read >= 0; read = bytes.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException unreadable) {
            throw new CommandFailed(
                    Reason.FAILED, file + " cannot be read: " + unreadable.getMessage(), "", unreadable);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
