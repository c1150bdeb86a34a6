package io.kvmcloud.messages;

/** Text from outside, made fit to be shown in a message. */
public final class Text {
    private static final int LONGEST = 60;

    private Text() {}

    /** At most 60 characters without control characters, so that a hostile value cannot flood or repaint a terminal. */
    public static String shorten(String text) {
        return shorten(text, LONGEST);
    }

    /** The same with at most this many characters. */
    public static String shorten(String text, int longest) {
        String start = text.length() <= longest ? text : text.substring(0, longest) + "…";
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
