package io.kvmcloud.controller.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskImageTest {

    @TempDir
    private Path directory;

    private final List<String> mistakes = new ArrayList<>();

    @Test
    void bytesThatSayNothingAreARawDisk() throws Exception {
        assertThat(formatOf(new byte[512])).isEqualTo("raw");
        assertThat(mistakes).isEmpty();
    }

    @Test
    void aQcow2ThatStandsAloneIsTaken() throws Exception {
        assertThat(formatOf(qcow2(3).array())).isEqualTo("qcow2");
        assertThat(formatOf(qcow2(2).putLong(72, -1).array())).isEqualTo("qcow2");
        assertThat(mistakes).isEmpty();
    }

    @Test
    void aQcow2ThatNamesAnotherFileIsRefused() throws Exception {
        formatOf(qcow2(3).putLong(8, 0x1000).array());
        formatOf(qcow2(2).putLong(8, 0x1000).array());
        formatOf(qcow2(3).putLong(72, 4).array());
        assertThat(mistakes).hasSize(3).anyMatch(mistake -> mistake.contains("data is in another file"));
        assertThat(mistakes.subList(0, 2)).allMatch(mistake -> mistake.contains("on a backing file"));
    }

    @Test
    void aQcow2ThatIsLockedOrCorruptOrOfTomorrowIsRefused() throws Exception {
        formatOf(qcow2(3).putInt(32, 2).array());
        formatOf(qcow2(3).putLong(72, 2).array());
        formatOf(qcow2(4).array());
        assertThat(mistakes)
                .containsExactly(
                        "is an encrypted qcow2: bring it unencrypted",
                        "is a qcow2 that is marked corrupt: see `qemu-img check`",
                        "is a qcow2 of version 4: QEMU knows 2 and 3");
    }

    @Test
    void aQcow2WhoseHeaderPromisesMoreThanThereCanBeIsRefused() throws Exception {
        formatOf(qcow2(3).putInt(100, 1 << 30).array());
        formatOf(qcow2(3).putInt(20, 40).array());
        formatOf(qcow2(3).putLong(24, 1L << 60).array());
        formatOf(qcow2(2).putLong(24, -1).array());
        formatOf(qcow2(3).putInt(36, -1).array());
        formatOf(qcow2(3).putInt(56, 1 << 10).array());
        formatOf(qcow2(3).putLong(72, 1L << 40).array());
        assertThat(mistakes)
                .containsExactly(
                        "is a qcow2 whose header says it has 1073741824 bytes: there can be 104 to 65536",
                        "is a qcow2 with clusters of 2^40 bytes: QEMU knows 2^9 to 2^21",
                        "is a qcow2 of 1152921504606846976 bytes: a disk has at most 17592186044416 (16 TiB)",
                        "is a qcow2 of 18446744073709551615 bytes: a disk has at most 17592186044416 (16 TiB)",
                        "is a qcow2 whose table of clusters has 34359738360 bytes: QEMU takes at most 33554432",
                        "is a qcow2 whose table of references has 67108864 bytes: QEMU takes at most 8388608",
                        "is a qcow2 with features that are not known here: `qemu-img convert -O qcow2` makes a plain one");
    }

    @ParameterizedTest
    @CsvSource({
        "1f8b0808, 0, gunzip",
        "fd377a585a00, 0, unxz",
        "4b444d5601000000, 0, qemu-img convert",
        "7f10dabe, 64, qemu-img convert",
        "4c554b53babe0001, 0, unencrypted"
    })
    void whatPeopleBringByMistakeIsNamedWithItsRemedy(String magic, int at, String remedy) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(512).put(at, HexFormat.of().parseHex(magic));
        formatOf(bytes.array());
        assertThat(mistakes).singleElement().asString().contains(remedy);
    }

    @Test
    void aDiskIsAsLargeAsItsHeaderOrItsFileSays() throws Exception {
        Path raw = Files.write(directory.resolve("raw"), new byte[512]);
        Path qcow2 = Files.write(
                directory.resolve("qcow2"), qcow2(3).putLong(24, 64 << 20).array());
        assertThat(DiskImage.virtualSize(raw, "raw")).isEqualTo(512);
        assertThat(DiskImage.virtualSize(qcow2, "qcow2")).isEqualTo(64 << 20);
    }

    @Test
    void aDiskOfAFewBytesIsNone() throws Exception {
        formatOf(new byte[100]);
        assertThat(mistakes).containsExactly("has 100 bytes: too small for a disk");
    }

    private String formatOf(byte[] header) throws Exception {
        Path file = Files.write(directory.resolve("image"), header);
        return DiskImage.format(file, mistakes::add);
    }

    private static ByteBuffer qcow2(int version) {
        return ByteBuffer.allocate(512)
                .put(new byte[] {'Q', 'F', 'I', (byte) 0xfb})
                .putInt(4, version)
                .putInt(20, 16)
                .putInt(100, 104);
    }
}
