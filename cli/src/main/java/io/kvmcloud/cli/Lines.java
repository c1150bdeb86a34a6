package io.kvmcloud.cli;

/** Text for a terminal of some width: lines that are too long go on below, and what one would copy stays in one piece. */
final class Lines {

    /** How much further right a line goes on. */
    private static final int HANGING = 2;

    private Lines() {}

    /**
     * Breaks lines at spaces, but not at those between two backticks.
     *
     * @param columns of the terminal; 0 is none, and the text as it is
     */
    static String wrapped(String text, int columns) {
        if (columns == 0) {
            return text;
        }
        var all = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            all.append(all.isEmpty() ? "" : "\n").append(line.length() <= columns ? line : broken(line, columns));
        }
        return all.toString();
    }

    private static String broken(String line, int columns) {
        int indent = line.length() - line.stripLeading().length() + HANGING;
        var all = new StringBuilder();
        String rest = line;
        while (rest.length() > columns) {
            int space = lastSpace(rest, columns, all.isEmpty() ? indent - HANGING : indent);
            if (space < 0) {
                break;
            }
            all.append(rest.substring(0, space).stripTrailing()).append('\n');
            rest = " ".repeat(indent) + rest.substring(space).stripLeading();
        }
        return all.append(rest).toString();
    }

    /** The last one that ends a line in time; or the first one, when what is before it is too long for any line. */
    private static int lastSpace(String line, int columns, int from) {
        int found = -1;
        boolean quoted = false;
        for (int i = from; i < line.length(); i++) {
            if (i > columns && found >= 0) {
                break;
            }
            quoted ^= line.charAt(i) == '`';
            if (line.charAt(i) == ' ' && !quoted && !line.substring(i).isBlank()) {
                found = i;
            }
        }
        return found;
    }
}
