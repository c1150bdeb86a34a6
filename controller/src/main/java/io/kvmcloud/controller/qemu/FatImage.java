package io.kvmcloud.controller.qemu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Writes a FAT12 file system with a volume label and a few files in its root directory, long file names included
 * (Microsoft's "FAT: General Overview of On-Disk Format", 1.03). The same input gives the same bytes.
 */
final class FatImage {

    private static final int SECTOR = 512;
    private static final int ROOT_ENTRIES = 64;
    private static final int ENTRY = 32;
    private static final int FATS = 2;
    private static final int MOST_CLUSTERS = 4084;
    /** 32 sectors a track, 2 heads: mtools wants whole tracks. */
    private static final int CYLINDER = 64;

    private static final int END_OF_CHAIN = 0xfff;
    /** 1 January 1980, the first day there is. */
    private static final short NO_DATE = 1 << 5 | 1;

    private static final byte ARCHIVE = 0x20;
    private static final byte VOLUME_LABEL = 0x08;
    private static final byte LONG_NAME = 0x0f;

    private final byte[] label;
    private final int volumeId;
    private final int sectors;
    private final int fatSectors;
    private final ByteBuffer image;
    private int rootAt;
    private int nextCluster = 2;

    /**
     * A file of the root directory.
     *
     * @param name at most 13 characters, so that one long-name entry holds it; its first six and its extension differ
     *     from every other file's
     */
    record Entry(String name, byte[] content) {}

    private FatImage(String label, int volumeId, int clusters) {
        this.label = padded(label, 11);
        this.volumeId = volumeId;
        int fixed = 1 + ROOT_ENTRIES * ENTRY / SECTOR;
        this.fatSectors = ceil((MOST_CLUSTERS + 2) * 3 / 2, SECTOR);
        this.sectors = ceil(fixed + FATS * fatSectors + clusters, CYLINDER) * CYLINDER;
        this.image = ByteBuffer.allocate(sectors * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        this.rootAt = (1 + FATS * fatSectors) * SECTOR;
    }

    /**
     * The whole image.
     *
     * @param label at most 11 characters, kept as it is: readers of {@code cidata} want it in lower case
     * @throws IllegalArgumentException when the files do not fit into a FAT12 file system of one-sector clusters (2 MB)
     */
    static byte[] of(String label, int volumeId, List<Entry> files) {
        int clusters = files.stream()
                .mapToInt(file -> ceil(file.content().length, SECTOR))
                .sum();
        if (clusters + CYLINDER > MOST_CLUSTERS) {
            throw new IllegalArgumentException("a seed holds 2 MB, not " + clusters * SECTOR + " bytes");
        }
        FatImage fat = new FatImage(label, volumeId, Math.max(1, clusters));
        fat.bootSector();
        fat.chain(0, 0xff8);
        fat.chain(1, END_OF_CHAIN);
        fat.directoryEntry(fat.label, VOLUME_LABEL, 0, 0);
        files.forEach(fat::add);
        return fat.image.array();
    }

    private void bootSector() {
        image.put(0, new byte[] {(byte) 0xeb, 0x3c, (byte) 0x90});
        image.put(3, padded("KVMCLOUD", 8));
        image.putShort(11, (short) SECTOR);
        image.put(13, (byte) 1); // sectors in a cluster
        image.putShort(14, (short) 1); // reserved sectors: this one
        image.put(16, (byte) FATS);
        image.putShort(17, (short) ROOT_ENTRIES);
        image.putShort(19, (short) sectors);
        image.put(21, (byte) 0xf8); // a fixed disk
        image.putShort(22, (short) fatSectors);
        image.putShort(24, (short) 32); // sectors in a track
        image.putShort(26, (short) 2); // heads
        image.put(36, (byte) 0x80); // drive number
        image.put(38, (byte) 0x29); // the three fields that follow are there
        image.putInt(39, volumeId);
        image.put(43, label);
        image.put(54, padded("FAT12", 8));
        image.putShort(510, (short) 0xaa55);
    }

    private void add(Entry file) {
        byte[] shortName = shortName(file.name());
        longName(file.name(), shortName);
        int clusters = ceil(file.content().length, SECTOR);
        directoryEntry(shortName, ARCHIVE, clusters == 0 ? 0 : nextCluster, file.content().length);
        int data = (1 + FATS * fatSectors + ROOT_ENTRIES * ENTRY / SECTOR) * SECTOR;
        image.put(data + (nextCluster - 2) * SECTOR, file.content());
        for (int i = 1; i <= clusters; i++, nextCluster++) {
            chain(nextCluster, i == clusters ? END_OF_CHAIN : nextCluster + 1);
        }
    }

    /** Twelve bits a cluster, two clusters in three bytes, in both tables. */
    private void chain(int cluster, int next) {
        for (int fat = 0; fat < FATS; fat++) {
            int at = (1 + fat * fatSectors) * SECTOR + cluster * 3 / 2;
            int old = image.getShort(at) & 0xffff;
            int both = cluster % 2 == 0 ? old & 0xf000 | next : old & 0x000f | next << 4;
            image.putShort(at, (short) both);
        }
    }

    private void directoryEntry(byte[] shortName, byte attributes, int cluster, int size) {
        image.put(rootAt, shortName);
        image.put(rootAt + 11, attributes);
        image.putShort(rootAt + 16, NO_DATE);
        image.putShort(rootAt + 18, NO_DATE);
        image.putShort(rootAt + 24, NO_DATE);
        image.putShort(rootAt + 26, (short) cluster);
        image.putInt(rootAt + 28, size);
        rootAt += ENTRY;
    }

    /** Stands before the entry it belongs to, and is tied to it by a checksum of the short name. */
    private void longName(String name, byte[] shortName) {
        int sum = 0;
        for (byte letter : shortName) {
            sum = ((sum & 1) << 7) + ((sum & 0xff) >> 1) + (letter & 0xff) & 0xff;
        }
        image.put(rootAt, (byte) 0x41); // the first and the last of its kind
        image.put(rootAt + 11, LONG_NAME);
        image.put(rootAt + 13, (byte) sum);
        int[] places = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
        for (int i = 0; i < places.length; i++) {
            char letter = i < name.length() ? name.charAt(i) : i == name.length() ? '\0' : '\uffff';
            image.putChar(rootAt + places[i], letter);
        }
        rootAt += ENTRY;
    }

    /** {@code meta-data} is {@code META-D~1}. */
    private static byte[] shortName(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        int dot = upper.lastIndexOf('.');
        String stem = dot < 0 ? upper : upper.substring(0, dot);
        String extension = dot < 0 ? "" : upper.substring(dot + 1);
        if (name.length() > 13 || extension.length() > 3 || !name.matches("[a-z0-9.-]+")) {
            throw new IllegalArgumentException("not a name for a seed's file: " + name);
        }
        byte[] both = padded(stem.substring(0, Math.min(6, stem.length())) + "~1", 11);
        System.arraycopy(padded(extension, 3), 0, both, 8, 3);
        return both;
    }

    private static byte[] padded(String text, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) ' ');
        byte[] letters = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(letters, 0, bytes, 0, letters.length);
        return bytes;
    }

    private static int ceil(int amount, int unit) {
        return (amount + unit - 1) / unit;
    }
}
