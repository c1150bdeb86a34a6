package io.kvmcloud.controller.qemu;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;

/**
 * An SSH server's Ed25519 key, made here because a guest under emulation would need a fifth of its start for it, in the two
 * forms that servers read. It is not kept.
 *
 * @param seed the private half, 32 bytes
 * @param point the public half, 32 bytes
 */
record HostKey(byte[] seed, byte[] point) {

    private static final String KIND = "ssh-ed25519";
    private static final int HALF = 32;
    private static final int BLOCK = 8;

    /** A new one. */
    static HostKey make() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            // An X.509 key is a fixed beginning and then the 32 bytes of RFC 8032, 5.1.2.
            byte[] encoded = pair.getPublic().getEncoded();
            return new HostKey(seed, Arrays.copyOfRange(encoded, encoded.length - HALF, encoded.length));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has Ed25519", impossible);
        }
    }

    /** What stands between the first and the last line of OpenSSH's file, on one line (PROTOCOL.key of OpenSSH). */
    String openSsh() {
        var check = new byte[4];
        new SecureRandom().nextBytes(check);
        var secret = new ByteArrayOutputStream();
        secret.writeBytes(check);
        secret.writeBytes(check);
        secret.writeBytes(publicHalf());
        secret.writeBytes(string(both()));
        secret.writeBytes(string(new byte[0])); // the comment
        for (byte pad = 1; secret.size() % BLOCK != 0; pad++) {
            secret.write(pad);
        }
        var file = new ByteArrayOutputStream();
        file.writeBytes("openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(string("none")); // cipher
        file.writeBytes(string("none")); // derivation of its key
        file.writeBytes(string(""));
        file.writeBytes(number(1));
        file.writeBytes(string(publicHalf()));
        file.writeBytes(string(secret.toByteArray()));
        return Base64.getEncoder().encodeToString(file.toByteArray());
    }

    /** Dropbear's file, each byte as a backslash and three octal digits: what a shell's {@code printf} makes bytes of. */
    String dropbear() {
        var file = new ByteArrayOutputStream();
        file.writeBytes(string(KIND));
        file.writeBytes(string(both()));
        StringBuilder escapes = new StringBuilder();
        for (byte each : file.toByteArray()) {
            escapes.append(String.format("\\%03o", each & 0xff));
        }
        return escapes.toString();
    }

    private byte[] publicHalf() {
        var half = new ByteArrayOutputStream();
        half.writeBytes(string(KIND));
        half.writeBytes(string(point));
        return half.toByteArray();
    }

    private byte[] both() {
        return ByteBuffer.allocate(2 * HALF).put(seed).put(point).array();
    }

    private static byte[] string(String text) {
        return string(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] string(byte[] bytes) {
        return ByteBuffer.allocate(4 + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }
}
