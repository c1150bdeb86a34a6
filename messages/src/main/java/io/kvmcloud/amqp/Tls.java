package io.kvmcloud.amqp;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom we believe to be the broker, and how we prove who we are, on encrypted connections. All are PEM files.
 *
 * @param ca certificates of who signs for brokers; null for those that the JDK knows
 * @param certificate ours, with those between it and a CA that the broker knows; null to show none
 * @param key of {@code certificate}, as PKCS#8 without a passphrase; null when there is no certificate
 */
public record Tls(
        @Nullable Path ca,
        @Nullable Path certificate,
        @Nullable Path key) {

    /** What the JDK believes, and no certificate of our own. */
    public static final Tls DEFAULT = new Tls(null, null, null);

    /** The only version we speak. */
    static final String VERSION = "TLSv1.3";

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");
    private static final char[] NO_PASSPHRASE = {};

    /** @throws CommandFailed when there is only one of certificate and key */
    public Tls {
        if ((certificate == null) != (key == null)) {
            throw new CommandFailed(
                    Reason.INVALID,
                    certificate == null
                            ? "--key-file needs the certificate of that key"
                            : "--certificate-file needs the key of that certificate",
                    "give both --certificate-file and --key-file (KVM_CLOUD_CERTIFICATE_FILE, KVM_CLOUD_KEY_FILE)");
        }
    }

    /** Whether anything was said. */
    boolean given() {
        return ca != null || certificate != null;
    }

    /** @throws CommandFailed when a file cannot be read, or is not what it should be */
    SSLContext context() {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(ca == null ? null : trusted(certificates(ca, "--ca-file")));
            SSLContext context = SSLContext.getInstance(VERSION);
            context.init(keys(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException unusable) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "cannot use the TLS files: " + unusable.getMessage(),
                    "check --ca-file, --certificate-file and --key-file",
                    unusable);
        }
    }

    private KeyManager @Nullable [] keys() throws GeneralSecurityException, IOException {
        if (certificate == null || key == null) {
            return null;
        }
        PrivateKey ours = privateKey(key);
        List<Certificate> chain = certificates(certificate, "--certificate-file");
        if (!fits(ours, chain.getFirst().getPublicKey())) {
            throw new CommandFailed(
                    Reason.INVALID,
                    key + " is not the key of the first certificate in " + certificate,
                    "--key-file and --certificate-file must be of the same pair");
        }
        KeyStore store = empty();
        store.setKeyEntry("ours", ours, NO_PASSPHRASE, chain.toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSPHRASE);
        return keys.getKeyManagers();
    }

    /** A broker would only hang up. */
    private static boolean fits(PrivateKey ours, PublicKey theirs) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (ours.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> ours.getAlgorithm();
                });
        signature.initSign(ours);
        byte[] signed = signature.sign();
        try {
            signature.initVerify(theirs);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException ofAnotherKind) {
            return false;
        }
    }

    private static KeyStore trusted(List<Certificate> certificates) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        for (Certificate one : certificates) {
            store.setCertificateEntry("ca " + store.size(), one);
        }
        return store;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    static List<Certificate> certificates(Path file, String option) throws GeneralSecurityException {
        byte[] pem = bytes(file, option);
        try {
            List<Certificate> found = List.copyOf(
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)));
            if (!found.isEmpty()) {
                return found;
            }
        } catch (java.security.cert.CertificateException _) {
            // The same as none.
        }
        throw new CommandFailed(
                Reason.INVALID,
                "there is no certificate in " + file,
                option + " wants a PEM file, which begins with -----BEGIN CERTIFICATE-----");
    }

    private static PrivateKey privateKey(Path file) throws GeneralSecurityException {
        Matcher pem = KEY.matcher(new String(SecretFile.read(file, "--key-file"), StandardCharsets.ISO_8859_1));
        if (pem.find()) {
            var encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
            for (String algorithm : ALGORITHMS) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
                } catch (InvalidKeySpecException _) {
                    // Of another algorithm.
                }
            }
        }
        throw new CommandFailed(
                Reason.INVALID,
                "there is no key that we read in " + file,
                "it must be PKCS#8 without a passphrase: openssl pkcs8 -topk8 -nocrypt -in " + file + " -out NEW-FILE");
    }

    private static byte[] bytes(Path file, String option) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw SecretFile.unreadable(file, option, unreadable);
        }
    }
}
