package io.kvmcloud.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on the rows of a list: {@code status=online}, {@code host!=s1}, {@code template=deb*}, {@code note~disk}.
 *
 * @param column its name or header
 * @param wanted whether rows that match are meant, or the others
 * @param value in lower case, the whole of it or, after {@code ~}, a part; {@code *} and {@code ?} stand for anything
 */
record Filter(String column, boolean wanted, Pattern value) {

    private static final Pattern FORM = Pattern.compile("([A-Za-z][A-Za-z_ -]*)(=|!=|~)(.*)");

    /** @throws IllegalArgumentException when the word is no condition */
    static Filter parse(String word) {
        Matcher parts = FORM.matcher(word);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + word + "' is not a filter");
        }
        String value = parts.group(3);
        return new Filter(
                parts.group(1),
                !parts.group(2).equals("!="),
                glob(parts.group(2).equals("~") ? "*" + value + "*" : value));
    }

    /** Whether what is in the column is what is meant. */
    boolean accepts(String content) {
        return value.matcher(content.toLowerCase(Locale.ROOT)).matches() == wanted;
    }

    private static Pattern glob(String value) {
        var expression = new StringBuilder();
        for (char letter : value.toLowerCase(Locale.ROOT).toCharArray()) {
            expression.append(
                    switch (letter) {
                        case '*' -> ".*";
                        case '?' -> ".";
                        default -> Pattern.quote(String.valueOf(letter));
                    });
        }
        return Pattern.compile(expression.toString(), Pattern.DOTALL);
    }
}
