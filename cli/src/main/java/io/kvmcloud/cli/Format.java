package io.kvmcloud.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How results and errors are written. */
enum Format {
    /** For people: the seed's lines and plain tables. */
    TABLE,
    /** For scripts: fields are only ever added, numbers are numbers. */
    JSON,
    /** The same tree as {@link #JSON}. */
    YAML,
    /** A header and a line for each row, as RFC 4180 has them. */
    CSV,
    /** Bare values, a line for each row, for a shell's {@code read}. */
    VALUE;

    /** True when errors are data as well. */
    boolean isTree() {
        return this == JSON || this == YAML;
    }

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether one is typed like this. */
    static boolean isName(String word) {
        return Arrays.stream(values()).anyMatch(format -> format.toString().equals(word));
    }

    /** All of them, for people. */
    static String names() {
        return Arrays.stream(values()).map(Format::toString).collect(Collectors.joining(", "));
    }
}
