package io.kvmcloud.cli;

import java.util.Locale;
import java.util.function.Function;

/**
 * A column of a result.
 *
 * @param name what it is called in JSON and on the command line
 * @param header what stands above it
 * @param shown when it is in a table that was asked for without naming columns
 * @param content what programs read, filters compare and sorting orders; {@code ""} where there is none
 * @param text what people read, which may say more
 */
record Column<T>(
        String name,
        String header,
        Shown shown,
        Function<T, ? extends Comparable<?>> content,
        Function<T, String> text) {

    /** When a column is in a table of its own accord. */
    enum Shown {
        ALWAYS,
        /** When one of the rows has something in it. */
        GIVEN,
        /** Not. */
        ASKED
    }

    /** Whether a word on the command line means it: its name or its header, without regard to case, dashes and blanks. */
    boolean isCalled(String word) {
        return letters(word).equals(letters(name)) || letters(word).equals(letters(header));
    }

    /** For programs; may be empty. */
    String value(T row) {
        return content.apply(row).toString();
    }

    /** The same where blanks separate cells. */
    String word(T row) {
        return oneLine(value(row));
    }

    /** For people. */
    String cell(T row) {
        return oneLine(text.apply(row));
    }

    private static String oneLine(String text) {
        String line = Output.plain(text).replace('\n', ' ').replace('\t', ' ').strip();
        return line.isEmpty() ? "-" : line;
    }

    /** Orders rows by what is in them: numbers as numbers, rows with nothing last. */
    @SuppressWarnings("unchecked") // the values of one column are of one type
    int compare(T one, T other) {
        Comparable<?> left = content.apply(one);
        Comparable<?> right = content.apply(other);
        return left.equals("") || right.equals("")
                ? Boolean.compare(left.equals(""), right.equals(""))
                : ((Comparable<Object>) left).compareTo(right);
    }

    private static String letters(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }
}
