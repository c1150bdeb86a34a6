package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A key, and what one sees of a guest when one logs in with it. */
record SshLogin(Path key) {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Who a guest thinks it is. */
    record Machine(String hostname, String machineId, String mac, String random, Instant clock, String hostKey) {}

    static SshLogin make(Path directory) {
        Path key = directory.resolve("id");
        run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a test", "-f", key.toString()));
        return new SshLogin(key);
    }

    String publicKey() throws IOException {
        return Files.readString(key.resolveSibling("id.pub")).strip();
    }

    Machine look(GuestSpec spec) throws IOException {
        List<String> lines = in(
                        spec,
                        "hostname; cat /etc/machine-id /sys/class/net/eth0/address;"
                                + " head -c 16 /dev/urandom | od -An -tx1 | tr -d ' '; date +%s")
                .lines()
                .toList();
        return new Machine(
                lines.get(0),
                lines.get(1),
                lines.get(2),
                lines.get(3),
                Instant.ofEpochSecond(Long.parseLong(lines.get(4))),
                Files.readString(hostKeys(spec)).replaceFirst("^\\S+ ", "").strip());
    }

    /** What this machine's SSH server has shown; one that comes with another key is refused. */
    private Path hostKeys(GuestSpec spec) {
        return key.resolveSibling("known-" + spec.id().number());
    }

    /** The connection breaks, which is no failure. */
    void reboot(GuestSpec spec) {
        ExternalProgram.run(ssh(spec, "reboot"), LIMIT);
    }

    /** What the command says, run as root. */
    String in(GuestSpec spec, String command) {
        return run(ssh(spec, command));
    }

    private List<String> ssh(GuestSpec spec, String command) {
        return List.of(
                "ssh",
                "-q",
                "-i",
                key.toString(),
                "-o",
                "BatchMode=yes",
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "StrictHostKeyChecking=accept-new",
                "-o",
                "HashKnownHosts=no",
                "-o",
                "UserKnownHostsFile=" + hostKeys(spec),
                "-o",
                "ConnectTimeout=30",
                "-p",
                String.valueOf(spec.sshPort()),
                "root@127.0.0.1",
                command);
    }

    private static String run(List<String> line) {
        ExternalProgram.Ended ended = ExternalProgram.run(line, LIMIT);
        if (ended.exitCode() != 0) {
            throw new AssertionError(String.join(" ", line) + ": " + ended.output());
        }
        return ended.output();
    }
}
