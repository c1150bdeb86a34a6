package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * How large a guest sees its disk, in whole mebibytes; on the host it takes what the guest has written.
 *
 * @param mebibytes at most 16 TiB; 0 when nobody says: then it is as large as the template's
 */
public record DiskSize(@JsonValue long mebibytes) {

    /** As large as the template's. */
    public static final DiskSize OF_TEMPLATE = new DiskSize(0);

    private static final long LARGEST = 16L * 1024 * 1024;

    /** @throws IllegalArgumentException when out of range, with the range in the message */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public DiskSize {
        if (mebibytes < 0 || mebibytes > LARGEST) {
            throw new IllegalArgumentException("a disk has at most " + LARGEST + " MiB (16 TiB), not " + mebibytes);
        }
    }

    /**
     * Reads {@code 512M}, {@code 4G}, and the rest of what {@link MemorySize#parse} does.
     *
     * @throws IllegalArgumentException when the text is no size, with examples in the message
     */
    public static DiskSize parse(String text) {
        return new DiskSize(MemorySize.mebibytes(text));
    }

    /** This size, or the template's where there is none: of a sender who knows no sizes. */
    public static DiskSize orTemplates(@Nullable DiskSize size) {
        return size == null ? OF_TEMPLATE : size;
    }

    /** In bytes. */
    public long bytes() {
        return mebibytes << 20;
    }

    @Override
    public String toString() {
        return mebibytes == 0 ? "-" : mebibytes + " MiB";
    }
}
