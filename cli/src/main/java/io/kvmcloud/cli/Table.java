package io.kvmcloud.cli;

import java.util.List;

/** Rows of cells, columns two spaces apart and no wider than what is in them; no borders, no trailing spaces. */
final class Table {

    private static final int GAP = 2;

    private Table() {}

    /** @param rows each of as many cells as the first one has */
    static String of(List<List<String>> rows) {
        if (rows.isEmpty()) {
            return "";
        }
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        var text = new StringBuilder();
        for (List<String> row : rows) {
            int blanks = 0;
            for (int column = 0; column < widths.length; column++) {
                text.repeat(' ', blanks).append(row.get(column));
                blanks = widths[column] - row.get(column).length() + GAP;
            }
            text.append('\n');
        }
        return text.toString();
    }
}
