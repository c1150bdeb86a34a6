package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who may log in, and with what: a key of our own, made when it is first needed, so that {@code ssh} works for somebody who
 * never made one; and the person's own keys.
 */
final class SshKeys {

    /** Of {@link NewInstance#sshKeys}. */
    private static final int MOST = 20;

    private final Home home;
    private final Path own;
    private final Path users;

    SshKeys(Map<String, String> environment) {
        home = Home.of(environment).directory("ssh");
        own = home.path().resolve("id_ed25519");
        users = Home.userHome(environment).resolve(".ssh");
    }

    /** Where host keys of instances are remembered. */
    Path knownHosts() {
        return home.path().resolve("known_hosts");
    }

    /** The public keys a new instance gets: our own and ~/.ssh/id_*.pub. One that cannot be read is left out with a note. */
    List<String> authorized(Output output) {
        List<String> keys = new ArrayList<>();
        try {
            keys.addAll(read(List.of(publicHalf(ownKey()))));
        } catch (CommandFailed failed) {
            output.note("without a key of our own, since we " + failed.failure().message() + "; "
                    + failed.failure().hint());
        }
        for (Path file : files("id_*.pub")) {
            try {
                List<String> found = read(List.of(file));
                new NewInstance("any", MemorySize.ofMebibytes(1), 1, found); // the record knows what a key looks like
                found.stream().filter(key -> !keys.contains(key)).forEach(keys::add);
            } catch (CommandFailed | IllegalArgumentException unusable) {
                output.note(file + " is left out: " + unusable.getMessage());
            }
        }
        return keys.subList(0, Math.min(MOST, keys.size()));
    }

    /** The keys in these files, one on a line. */
    List<String> read(List<Path> files) {
        List<String> keys = new ArrayList<>();
        for (Path file : files) {
            try {
                List<String> found = Files.readString(file)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .toList();
                if (found.isEmpty()) {
                    throw unreadable(file, "it holds no key");
                }
                keys.addAll(found);
            } catch (IOException failed) {
                throw unreadable(file, Text.why(failed));
            }
        }
        return keys;
    }

    /** The private keys to try, ours first: the order of {@code ssh -i}. */
    List<Path> identities() {
        List<Path> identities = new ArrayList<>(List.of(ownKey()));
        for (Path file : files("id_*.pub")) {
            String name = file.getFileName().toString();
            Path key = file.resolveSibling(name.substring(0, name.length() - ".pub".length()));
            if (Files.isReadable(key)) {
                identities.add(key);
            }
        }
        return identities;
    }

    /** Our own private key; several processes that need it at once get the same one. */
    private Path ownKey() {
        if (Files.exists(own) && Files.exists(publicHalf(own))) {
            return own;
        }
        return home.locked(() -> {
            if (!Files.exists(publicHalf(own))) {
                Files.deleteIfExists(own); // half a pair, from a crash
                generate();
            }
            return own;
        });
    }

    private void generate() throws IOException {
        var builder = new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "kvm-cloud", "-f", own.toString());
        Process keygen;
        try {
            keygen = builder.redirectErrorStream(true).start();
        } catch (IOException absent) {
            throw SshClient.missing("ssh-keygen", absent);
        }
        try (var said = keygen.inputReader(StandardCharsets.UTF_8)) {
            keygen.getOutputStream().close();
            String text = said.readAllAsString().strip();
            if (keygen.waitFor() != 0) {
                throw new IOException("ssh-keygen: " + text);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while ssh-keygen ran", interrupted);
        }
    }

    private List<Path> files(String pattern) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(users)) {
            try (var listing = Files.newDirectoryStream(users, pattern)) {
                listing.forEach(found::add);
            } catch (IOException _) {
                return List.of(); // not ours to read: they are an extra
            }
        }
        return found.stream().sorted().toList();
    }

    private static Path publicHalf(Path key) {
        return key.resolveSibling(key.getFileName() + ".pub");
    }

    private static CommandFailed unreadable(Path file, String why) {
        return new CommandFailed(
                Reason.INVALID,
                "cannot read the public key " + file + ": " + why,
                "--ssh-key names the public half of a key, like ~/.ssh/id_ed25519.pub");
    }
}
