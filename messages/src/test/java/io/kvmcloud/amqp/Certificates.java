package io.kvmcloud.amqp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates and their keys as PEM files, made with the JDK's own keytool. */
final class Certificates {

    private static final String PASSPHRASE = "only for this test";

    private final Path directory;

    Certificates(Path directory) {
        this.directory = directory;
    }

    /** {@code NAME.pem}, which can sign others. */
    void authority(String name) throws Exception {
        make(name, List.of("-ext", "bc:c"));
    }

    /** {@code NAME.pem} and {@code NAME.key}, for a host like {@code ip:127.0.0.1}. */
    void signed(String name, String authority, String host) throws Exception {
        make(name, List.of("-signer", authority, "-ext", "san=" + host));
    }

    private void make(String name, List<String> more) throws Exception {
        Path store = directory.resolve("all.p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSPHRASE,
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2"));
        command.addAll(more);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + said);
        }
        KeyStore all = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(store)) {
            all.load(file, PASSPHRASE.toCharArray());
        }
        StringBuilder chain = new StringBuilder();
        for (Certificate certificate : all.getCertificateChain(name)) {
            chain.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        write(name + ".pem", chain.toString());
        write(
                name + ".key",
                pem("PRIVATE KEY", all.getKey(name, PASSPHRASE.toCharArray()).getEncoded()));
        Files.setPosixFilePermissions(directory.resolve(name + ".key"), PosixFilePermissions.fromString("rw-------"));
    }

    private void write(String file, String pem) throws IOException {
        Files.writeString(directory.resolve(file), pem);
    }

    private static String pem(String what, byte[] encoded) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + what
                + "-----\n";
    }
}
