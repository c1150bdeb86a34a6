package io.kvmcloud.messages;

/**
 * How a running instance came up.
 *
 * @param kind {@code warm} (a copy of a guest that had booted before), {@code cold} (from its kernel), or empty when it does
 *     not run or nobody knows
 * @param millis from the start until QEMU ran, for {@code warm} until the guest had its identity
 * @param note why it was not warm, or empty
 */
public record BootReport(String kind, int millis, String note) {

    /** Of an instance that does not run. */
    public static final BootReport NONE = new BootReport("", 0, "");

    private static final String WARM = "warm";

    /** A copy was made. */
    public static BootReport warm(long millis) {
        return new BootReport(WARM, (int) millis, "");
    }

    /** It boots. */
    public static BootReport cold(long millis, String note) {
        return new BootReport("cold", (int) millis, note);
    }

    /** Whether it is a copy. */
    public boolean wasWarm() {
        return kind.equals(WARM);
    }

    /** For people: {@code warm, 240 ms} or {@code cold, 45 ms (why)}; {@code -} when there is nothing to say. */
    @Override
    public String toString() {
        return kind.isEmpty() ? "-" : kind + ", " + millis + " ms" + (note.isEmpty() ? "" : " (" + note + ")");
    }
}
