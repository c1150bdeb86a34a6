package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import io.kvmcloud.messages.UserData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a new instance may be given beside its sizes: options that {@code new} and {@code launch} share. */
final class Supplies {

    private static final Path STDIN = Path.of("-");

    @Option(
            names = "--user-data",
            paramLabel = "FILE",
            description =
                    "What it does at its first boot: a script that begins with #!, or what cloud-init reads, at most"
                            + " 64 KiB; - is stdin.")
    private @Nullable Path userData;

    @Option(
            names = "--forward",
            paramLabel = "HOST:GUEST",
            description = "A port of the host that leads to one of its own, like 8080:80 or 5353:53/udp; :80 takes any"
                    + " free port. May be given several times.")
    private List<Forward> forwards = List.of();

    private final Surroundings surroundings;

    Supplies(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /**
     * Ports that lead to each of so many instances.
     *
     * @throws CommandFailed {@link Reason#INVALID} when they cannot all have the same one
     */
    List<Forward> forwards(int count) {
        forwards.stream()
                .filter(forward -> forward.host() != 0 && count > 1)
                .findFirst()
                .ifPresent(one -> {
                    throw new CommandFailed(
                            Reason.INVALID,
                            "--forward " + one + ": port " + one.host() + " can lead to one instance, not to " + count,
                            "--forward :" + one.guest() + " gives each a free port");
                });
        return forwards;
    }

    /** @throws CommandFailed {@link Reason#INVALID} when the file cannot be read, is too large or no text */
    UserData userData() {
        if (userData == null) {
            return UserData.NONE;
        }
        String text = text(userData);
        if (text.isEmpty()) {
            throw unusable(userData, "is empty");
        }
        return Failures.valid(() -> new UserData(text), HINT);
    }

    private static final String HINT =
            "--user-data names a script that begins with #!, or what cloud-init reads; unpack it if it is compressed";

    private String text(Path file) {
        try (InputStream in = open(file)) {
            byte[] bytes = in.readNBytes(UserData.MOST_BYTES + 1);
            if (bytes.length > UserData.MOST_BYTES) {
                throw new CommandFailed(
                        Reason.INVALID,
                        "--user-data: " + file + " has "
                                + (Files.isRegularFile(file) ? Files.size(file) : "more than " + UserData.MOST_BYTES)
                                + " bytes, and at most " + UserData.MOST_BYTES + " (64 KiB) are taken",
                        "let a short script fetch the rest");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException binary) {
            throw unusable(file, "is not text in UTF-8");
        } catch (IOException unreadable) {
            throw unusable(file, "cannot be read: " + Text.why(unreadable));
        }
    }

    private InputStream open(Path file) throws IOException {
        if (!file.equals(STDIN)) {
            return Files.newInputStream(file);
        }
        if (surroundings.script()) {
            throw unusable(file, "cannot be read: stdin holds the commands of this script");
        }
        return System.in;
    }

    private static CommandFailed unusable(Path file, String why) {
        return new CommandFailed(
                Reason.INVALID, "--user-data: " + (file.equals(STDIN) ? "stdin" : file) + " " + why, HINT);
    }
}
