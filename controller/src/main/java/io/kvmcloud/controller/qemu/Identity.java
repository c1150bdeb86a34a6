package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.messages.UserData;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * What makes somebody of a copy of a guest: the request {@code identity} of the agent (templates/README.md).
 *
 * @param spec says which name, machine id and MAC address
 * @param sshKeys that may log in
 * @param userData what it is to do then
 * @param hostKey its SSH server's, made for it
 * @param takes which lines it heeds of those that not every guest does
 */
record Identity(GuestSpec spec, List<String> sshKeys, UserData userData, HostKey hostKey, Set<String> takes) {

    static final String USER_DATA = "user-data";

    private static final int ENTROPY = 48;
    /** Of base64, whole groups of four. */
    private static final int LINE = 4000;

    /** @param bootedMillis when the guest's uptime was zero, since 1970: its clock is right then however late it hears of it */
    String request(long bootedMillis) {
        byte[] entropy = new byte[ENTROPY];
        new SecureRandom().nextBytes(entropy);
        List<String> lines = new ArrayList<>(List.of(
                "identity",
                "hostname " + spec.hostname(),
                "booted " + bootedMillis,
                "entropy " + HexFormat.of().formatHex(entropy),
                "machine-id " + spec.uuid().toString().replace("-", ""),
                "mac " + QemuCommandLine.mac(spec.uuid()),
                // What the DHCP of QEMU's user network gives to the first who asks; it forwards to that address.
                "address 10.0.2.15",
                "netmask 255.255.255.0",
                "gateway 10.0.2.2",
                "name-server 10.0.2.3"));
        // A guest under emulation reads a character at a time.
        if (takes.contains("host-key")) {
            lines.add("host-key " + hostKey.openSsh());
        }
        if (takes.contains("host-key-dropbear")) {
            lines.add("host-key-dropbear " + hostKey.dropbear());
        }
        sshKeys.forEach(key -> lines.add("key " + key));
        String encoded = Base64.getEncoder().encodeToString(userData.text().getBytes(StandardCharsets.UTF_8));
        for (int at = 0; at < encoded.length(); at += LINE) {
            lines.add(USER_DATA + " " + encoded.substring(at, Math.min(at + LINE, encoded.length())));
        }
        lines.add("end");
        return String.join("\n", lines) + "\n";
    }
}
