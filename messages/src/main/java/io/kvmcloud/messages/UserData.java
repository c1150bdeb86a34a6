package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;

/**
 * What a guest does at its first boot, in cloud-init's words: a script that begins with {@code #!}, a {@code #cloud-config}, or
 * whatever else its image understands. May hold secrets, so it is never shown.
 *
 * @param text empty when there is none
 */
public record UserData(@JsonValue String text) {

    /** The largest, in bytes of UTF-8. */
    public static final int MOST_BYTES = 64 << 10;

    /** There is none. */
    public static final UserData NONE = new UserData("");

    /** @throws IllegalArgumentException when it is larger than {@link #MOST_BYTES}, or no text */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public UserData {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "user-data has at most " + MOST_BYTES + " bytes (64 KiB), and this has " + bytes);
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("user-data is text, and byte " + text.indexOf('\0') + " of this is 0");
        }
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return text.isEmpty();
    }

    /** Says how much it is, and nothing of what is in it. */
    @Override
    public String toString() {
        return text.length() + " characters";
    }
}
