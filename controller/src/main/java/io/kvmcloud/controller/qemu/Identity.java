package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What makes somebody of a copy of a guest: the request {@code identity} of the agent (templates/README.md).
 *
 * @param spec says which name, machine id and MAC address
 * @param sshKeys that may log in
 * @param hostKey its SSH server's, made for it
 */
record Identity(GuestSpec spec, List<String> sshKeys, HostKey hostKey) {

    private static final int ENTROPY = 48;

    /** With the time of now. */
    String request(long nowMillis) {
        byte[] entropy = new byte[ENTROPY];
        new SecureRandom().nextBytes(entropy);
        List<String> lines = new ArrayList<>(List.of(
                "identity",
                "hostname " + spec.hostname(),
                "time " + nowMillis,
                "entropy " + HexFormat.of().formatHex(entropy),
                "machine-id " + spec.uuid().toString().replace("-", ""),
                "mac " + QemuCommandLine.mac(spec.uuid()),
                // Where QEMU's user network forwards to, and what its DHCP gives to the first who asks.
                "address 10.0.2.15",
                "netmask 255.255.255.0",
                "host-key " + hostKey.openSsh(),
                "host-key-dropbear " + hostKey.dropbear()));
        sshKeys.forEach(key -> lines.add("key " + key));
        lines.add("end");
        return String.join("\n", lines) + "\n";
    }
}
