package io.kvmcloud.amqp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** The passwords of a test's users, each in a file of its own too. */
final class Passwords implements AutoCloseable {

    private final RabbitServer.Access access;
    private final Path directory;

    Passwords(RabbitServer.Access access, List<String> users) throws IOException {
        this.access = access;
        this.directory = Files.createTempDirectory("kvm-cloud passwords ");
        for (String user : users) {
            Path file = Files.createFile(
                    fileOf(user), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, of(user));
        }
    }

    /** The same for every class and every run at the same broker: they must not change each other's passwords. */
    String of(String user) {
        if (user.equals(access.user())) {
            return access.password();
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((access.password() + "/" + user).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    Path fileOf(String user) {
        return directory.resolve(user + ".password");
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
