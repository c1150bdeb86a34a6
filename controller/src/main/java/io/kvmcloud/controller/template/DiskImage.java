package io.kvmcloud.controller.template;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a disk image is, by its first bytes (docs/interop/qcow2.txt of QEMU), and whether it may be used: a qcow2 can name
 * other files of the host, which a guest would then read, and can be locked with a key that nobody has here.
 */
final class DiskImage {

    static final String RAW = "raw";
    static final String QCOW2 = "qcow2";

    private static final int HEADER = 512;
    private static final byte[] QCOW2_MAGIC = {'Q', 'F', 'I', (byte) 0xfb};
    private static final int CORRUPT = 1 << 1;
    private static final int EXTERNAL_DATA_FILE = 1 << 2;
    /** What QEMU knows: dirty, corrupt, data in another file, compression, subclusters. */
    private static final long KNOWN_FEATURES = 0b11111;

    private static final int HEADER_OF_VERSION_3 = 104;
    private static final long LARGEST = 16L << 40;
    /** QEMU's own limits, in bytes (block/qcow2.h): beyond them no instance of it would start. */
    private static final long MOST_CLUSTERS = 32 << 20;

    private static final long MOST_REFERENCES = 8 << 20;

    /** What people bring by mistake. */
    private record Foreign(String title, int at, String hex, String remedy) {}

    private static final String CONVERT = "`qemu-img convert -O qcow2` makes a qcow2 of it";
    private static final List<Foreign> FOREIGN = List.of(
            new Foreign("compressed with gzip", 0, "1f8b08", "unpack it with gunzip"),
            new Foreign("compressed with xz", 0, "fd377a585a00", "unpack it with unxz"),
            new Foreign("compressed with zstd", 0, "28b52ffd", "unpack it with unzstd"),
            new Foreign("compressed with bzip2", 0, "425a68", "unpack it with bunzip2"),
            new Foreign("a zip archive", 0, "504b0304", "unpack it with unzip"),
            new Foreign("a VMDK image", 0, "4b444d56", CONVERT),
            new Foreign("a VHDX image", 0, "7668647866696c65", CONVERT),
            new Foreign("a VHD image", 0, "636f6e6563746978", CONVERT),
            new Foreign("a VDI image", 64, "7f10dabe", CONVERT),
            new Foreign("a QED image", 0, "51454400", CONVERT),
            new Foreign("encrypted with LUKS", 0, "4c554b53babe", "bring it unencrypted"));

    private DiskImage() {}

    /**
     * {@code raw} or {@code qcow2}.
     *
     * @param mistake is told everything for which it may not be used
     */
    static String format(Path file, Consumer<String> mistake) throws IOException {
        byte[] header;
        try (InputStream bytes = Files.newInputStream(file)) {
            header = bytes.readNBytes(HEADER);
        }
        if (header.length < HEADER) {
            mistake.accept("has " + header.length + " bytes: too small for a disk");
            return RAW;
        }
        ByteBuffer fields = ByteBuffer.wrap(header);
        if (startsWith(header, 0, QCOW2_MAGIC)) {
            checkQcow2(fields, mistake);
            return QCOW2;
        }
        for (Foreign foreign : FOREIGN) {
            if (startsWith(header, foreign.at(), HexFormat.of().parseHex(foreign.hex()))) {
                mistake.accept("is " + foreign.title() + ": " + foreign.remedy());
            }
        }
        return RAW;
    }

    /** How large a guest sees it, in bytes. */
    static long virtualSize(Path file, String format) throws IOException {
        if (format.equals(RAW)) {
            return Files.size(file);
        }
        try (InputStream bytes = Files.newInputStream(file)) {
            byte[] header = bytes.readNBytes(HEADER);
            if (header.length < HEADER) {
                throw new IOException(file + " has " + header.length + " bytes: too small for a disk");
            }
            return ByteBuffer.wrap(header).getLong(24);
        }
    }

    private static void checkQcow2(ByteBuffer header, Consumer<String> mistake) {
        int version = header.getInt(4);
        if (version != 2 && version != 3) {
            mistake.accept("is a qcow2 of version " + version + ": QEMU knows 2 and 3");
            return;
        }
        checkSizes(header, version, mistake);
        if (header.getLong(8) != 0) {
            mistake.accept("is a qcow2 on a backing file: `qemu-img convert -O qcow2` makes one that stands alone");
        }
        if (header.getInt(32) != 0) {
            mistake.accept("is an encrypted qcow2: bring it unencrypted");
        }
        long features = version == 3 ? header.getLong(72) : 0;
        if ((features & EXTERNAL_DATA_FILE) != 0) {
            mistake.accept(
                    "is a qcow2 whose data is in another file: `qemu-img convert -O qcow2` makes one that stands alone");
        }
        if ((features & CORRUPT) != 0) {
            mistake.accept("is a qcow2 that is marked corrupt: see `qemu-img check`");
        }
        if ((features & ~KNOWN_FEATURES) != 0) {
            mistake.accept(
                    "is a qcow2 with features that are not known here: `qemu-img convert -O qcow2` makes a plain one");
        }
    }

    /** A header that promises more than there can be makes QEMU allocate it. */
    private static void checkSizes(ByteBuffer header, int version, Consumer<String> mistake) {
        int clusterBits = header.getInt(20);
        if (clusterBits < 9 || clusterBits > 21) {
            mistake.accept("is a qcow2 with clusters of 2^" + clusterBits + " bytes: QEMU knows 2^9 to 2^21");
            return;
        }
        long headerBytes = version == 3 ? Integer.toUnsignedLong(header.getInt(100)) : HEADER_OF_VERSION_3;
        if (headerBytes < HEADER_OF_VERSION_3 || headerBytes > 1L << clusterBits) {
            mistake.accept("is a qcow2 whose header says it has " + headerBytes + " bytes: there can be "
                    + HEADER_OF_VERSION_3 + " to " + (1L << clusterBits));
        }
        long bytes = header.getLong(24);
        if (bytes < 0 || bytes > LARGEST) {
            mistake.accept("is a qcow2 of " + Long.toUnsignedString(bytes) + " bytes: a disk has at most " + LARGEST
                    + " (16 TiB)");
        }
        checkTable("table of clusters", 8L * Integer.toUnsignedLong(header.getInt(36)), MOST_CLUSTERS, mistake);
        checkTable(
                "table of references",
                Integer.toUnsignedLong(header.getInt(56)) << clusterBits,
                MOST_REFERENCES,
                mistake);
    }

    private static void checkTable(String table, long bytes, long most, Consumer<String> mistake) {
        if (bytes > most) {
            mistake.accept("is a qcow2 whose " + table + " has " + bytes + " bytes: QEMU takes at most " + most);
        }
    }

    private static boolean startsWith(byte[] header, int at, byte[] magic) {
        return new String(header, at, magic.length, StandardCharsets.ISO_8859_1)
                .equals(new String(magic, StandardCharsets.ISO_8859_1));
    }
}
