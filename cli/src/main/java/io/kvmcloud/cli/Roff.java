package io.kvmcloud.cli;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The text of a manual page in man(7), as groff and mandoc both read it: plain text goes in, whatever is in it. */
final class Roff {

    private static final Pattern LITERAL = Pattern.compile("`([^`]+)`");

    private final StringBuilder text = new StringBuilder();
    private boolean headed;

    /** A page of this name in a section of the manual, as of this day (ISO 8601), of this version of KVM-cloud. */
    Roff(String name, int section, String day, String version) {
        line(".TH %s %d %s %s \"KVM-cloud manual\""
                .formatted(word(name.toUpperCase(Locale.ROOT)), section, day, word(version)));
        line(".nh"); // what is typed is not to be hyphenated
        line(".ad l");
    }

    Roff section(String title) {
        return line(".SH " + word(title));
    }

    /** A paragraph; what stands between backticks is what one types. */
    Roff paragraph(String words) {
        return markedUp(filled(words));
    }

    /** A paragraph of bold and italic words. */
    Roff markedUp(String words) {
        return apart().line(words);
    }

    /** Something and what it is. */
    Roff term(String markedUp, String meaning) {
        return line(".TP").line(markedUp).line(meaning.isEmpty() ? "\\&" : filled(meaning));
    }

    /** Command lines as they are typed. */
    Roff examples(List<String> lines) {
        apart().line(".RS 4").line(".nf");
        lines.forEach(words -> line(escaped(words)));
        return line(".fi").line(".RE");
    }

    @Override
    public String toString() {
        return text.toString();
    }

    static String bold(String words) {
        return "\\fB" + escaped(words) + "\\fR";
    }

    static String italic(String words) {
        return "\\fI" + escaped(words) + "\\fR";
    }

    /** Below a heading a paragraph begins anyway. */
    private Roff apart() {
        return headed ? this : line(".PP");
    }

    private Roff line(String line) {
        text.append(line).append('\n');
        headed = line.startsWith(".SH");
        return this;
    }

    private static String filled(String words) {
        var result = new StringBuilder();
        int end = 0;
        for (MatchResult literal : LITERAL.matcher(words).results().toList()) {
            result.append(escaped(words.substring(end, literal.start()))).append(bold(literal.group(1)));
            end = literal.end();
        }
        return result.append(escaped(words.substring(end))).toString();
    }

    /** An argument of a macro. */
    private static String word(String words) {
        return "\"" + escaped(words).replace("\"", "\\(dq") + "\"";
    }

    /** A hyphen that can be copied, nothing that looks like a request, and only ASCII. */
    private static String escaped(String words) {
        var result = new StringBuilder(words.startsWith(".") || words.startsWith("'") ? "\\&" : "");
        words.codePoints().forEach(one -> {
            switch (one) {
                case '\\' -> result.append("\\e");
                case '-' -> result.append("\\-");
                case '~' -> result.append("\\(ti");
                case '^' -> result.append("\\(ha");
                case '`' -> result.append("\\(ga");
                case '\'' -> result.append("\\(aq");
                case '\n' -> result.append("\n.br\n");
                default -> {
                    if (one < 0x80) {
                        result.appendCodePoint(one);
                    } else {
                        result.append("\\[u%04X]".formatted(one));
                    }
                }
            }
        });
        return result.toString();
    }
}
