package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory in whole mebibytes; a bare number of MiB on the wire and in the seed's {@code new cirros 64 2}.
 *
 * @param mebibytes more than 0 and at most 16 TiB
 */
public record MemorySize(@JsonValue long mebibytes) implements Comparable<MemorySize> {

    private static final long LARGEST = 16L * 1024 * 1024;
    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*(|m|mb|mib|g|gb|gib|t|tb|tib)");

    /** @throws IllegalArgumentException when out of range, with the range in the message */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public MemorySize {
        if (mebibytes < 1 || mebibytes > LARGEST) {
            throw new IllegalArgumentException(
                    "memory must be between 1 MiB and " + LARGEST + " MiB (16 TiB), not " + mebibytes + " MiB");
        }
    }

    /** This many MiB. */
    public static MemorySize ofMebibytes(long mebibytes) {
        return new MemorySize(mebibytes);
    }

    /**
     * Reads {@code 64}, {@code 512M}, {@code 2GiB}, {@code 1T}; all units are powers of 1024 and their case is ignored.
     *
     * @throws IllegalArgumentException when the text is no size, with examples in the message
     */
    public static MemorySize parse(String text) {
        return new MemorySize(mebibytes(text));
    }

    /** The number of MiB that the text says, capped just above the largest there is. */
    static long mebibytes(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + Text.shorten(text) + "' is not a size: write MiB as a bare number, or 512M, 2G, 2GiB");
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2);
        long factor = switch (unit.isEmpty() ? 'm' : unit.charAt(0)) {
            case 'g' -> 1024;
            case 't' -> 1024 * 1024;
            default -> 1;
        };
        return Math.min(number, LARGEST + 1) * factor;
    }

    @Override
    public int compareTo(MemorySize other) {
        return Long.compare(mebibytes, other.mebibytes);
    }

    @Override
    public String toString() {
        return mebibytes + " MiB";
    }
}
