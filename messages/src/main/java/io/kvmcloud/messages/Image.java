package io.kvmcloud.messages;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * A file that a template is made of, and where a controller gets it. Never a path of the controller's host: who may send
 * commands may not read its files.
 *
 * @param role what it is to the guest
 * @param url {@code http} or {@code https}, without a password
 * @param sha256 what it must be, in lower-case hex; empty is whatever comes
 */
public record Image(Role role, String url, String sha256) {

    private static final int LONGEST_URL = 2000;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** What a file is to the guest. */
    public enum Role {
        /** A disk that boots itself. */
        DISK,
        /** The root file system that goes with a kernel. */
        ROOTFS,
        /** What QEMU starts. */
        KERNEL,
        /** The kernel's first file system. */
        INITRD
    }

    /** @throws IllegalArgumentException when the URL or the digest is none */
    public Image {
        if (url != null) {
            requireWeb(url);
        }
        if (sha256 != null && !sha256.isEmpty() && !SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException("a sha256 has 64 hexadecimal digits, a to f in lower case, and is not '"
                    + Text.shorten(sha256) + "'");
        }
    }

    private static void requireWeb(String url) {
        String shown = "'" + Text.shorten(url, 200) + "'";
        try {
            URI uri = new URI(url);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (!web || uri.getHost() == null || url.length() > LONGEST_URL) {
                throw new IllegalArgumentException(
                        shown + " is no address of a file like https://example.org/disk.qcow2");
            }
            if (uri.getUserInfo() != null) {
                throw new IllegalArgumentException(
                        "the address of an image is written down: it must be without a password");
            }
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException(shown + " is no address: " + malformed.getReason(), malformed);
        }
    }
}
