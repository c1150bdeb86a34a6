package io.kvmcloud.cli;

import java.util.List;

/** Rows of cells as RFC 4180 has them. */
final class Csv {

    private Csv() {}

    static String of(List<List<String>> rows) {
        var text = new StringBuilder();
        for (List<String> row : rows) {
            String comma = "";
            for (String cell : row) {
                text.append(comma).append(quoted(Output.plain(cell)));
                comma = ",";
            }
            text.append("\r\n");
        }
        return text.toString();
    }

    private static String quoted(String cell) {
        boolean plain = cell.indexOf(',') < 0 && cell.indexOf('"') < 0 && cell.indexOf('\n') < 0;
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
