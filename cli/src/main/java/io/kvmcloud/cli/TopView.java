package io.kvmcloud.cli;

import io.kvmcloud.cli.TopFrame.TopHost;
import io.kvmcloud.cli.TopFrame.TopInstance;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A frame as people read it. */
final class TopView {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    /** Of a window: what is said above, the blank line between the tables, and their headers. */
    private static final int LINES_BESIDES = 4;

    private TopView() {}

    /** All of it, for whoever keeps it. */
    static String text(TopFrame frame) {
        return Table.of(rows(TopHost.columns(), frame.hosts(), frame.hosts()))
                + "\n"
                + Table.of(rows(TopInstance.columns(), frame.instances(), frame.instances()));
    }

    /**
     * As much as fits into a window, a third of it for hosts at most.
     *
     * @param trouble why it is an old frame, or empty
     */
    static List<String> lines(TopFrame frame, String trouble, RawTerminal.Size window) {
        int room = Math.max(2, window.rows() - LINES_BESIDES);
        int hosts = Math.min(frame.hosts().size(), Math.max(1, room / 3));
        int instances = Math.min(frame.instances().size(), Math.max(1, room - hosts));
        List<String> lines = new ArrayList<>();
        lines.add(trouble.isEmpty() ? summary(frame) : TIME.format(frame.at()) + "  " + Output.plain(trouble));
        lines.addAll(table(TopHost.columns(), frame.hosts(), hosts));
        lines.add("");
        lines.addAll(table(TopInstance.columns(), frame.instances(), instances));
        return lines.stream()
                .limit(window.rows())
                .map(line -> line.length() > window.columns() ? line.substring(0, window.columns()) : line)
                .toList();
    }

    private static String summary(TopFrame frame) {
        long online = frame.instances().stream()
                .filter(one -> one.status().equals("ONLINE"))
                .count();
        return "%s  hosts: %d  instances: %d, %d online  (q leaves)"
                .formatted(
                        TIME.format(frame.at()),
                        frame.hosts().size(),
                        frame.instances().size(),
                        online);
    }

    /** The last line that fits says how many do not. */
    private static <T> List<String> table(Columns<T> columns, List<T> rows, int fit) {
        boolean all = rows.size() <= fit;
        int shown = all ? rows.size() : fit - 1;
        List<String> lines =
                Table.of(rows(columns, rows, rows.subList(0, shown))).lines().toList();
        return all
                ? lines
                : Stream.concat(lines.stream(), Stream.of("… " + (rows.size() - shown) + " more"))
                        .toList();
    }

    private static <T> List<List<String>> rows(Columns<T> columns, List<T> all, List<T> rows) {
        List<Column<T>> shown = columns.shown(all);
        List<List<String>> cells = new ArrayList<>();
        cells.add(shown.stream().map(Column::header).toList());
        rows.forEach(
                row -> cells.add(shown.stream().map(column -> column.cell(row)).toList()));
        return cells;
    }
}
