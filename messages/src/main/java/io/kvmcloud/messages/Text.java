package io.kvmcloud.messages;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Text made fit to be shown in a message. */
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

    /** The first of them, and how many there are when that is not all; a list of hundreds helps nobody. */
    public static String some(Collection<String> names, int most) {
        String first = names.stream().limit(most).collect(Collectors.joining(", "));
        return names.size() > most ? first + ", … (" + names.size() + " in all)" : first;
    }

    /** Why a file could not be read, for whoever named it: the class of an exception tells nobody anything. */
    public static String why(IOException failed) {
        return switch (failed) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "its permissions do not let you";
            case CharacterCodingException _ -> "it is not text in UTF-8";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(failed.getMessage());
        };
    }

    /** In the unit people think in, like {@code 512 MiB} or {@code 1.5 GiB}. */
    public static String size(long bytes) {
        double mebibytes = bytes / 1048576.0;
        return mebibytes < 1024
                ? String.format(Locale.ROOT, "%.0f MiB", mebibytes)
                : String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024);
    }
}
