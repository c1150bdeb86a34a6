package io.kvmcloud.controller.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of what QEMU wrote to its standard error: most often the very reason why it died. */
final class QemuLog {

    private static final int LINES = 5;
    private static final int BYTES = 4096;

    private QemuLog() {}

    /**
     * The last five lines, fit to be shown.
     *
     * @param before put in front when there is anything
     */
    static String tail(Path log, String before) {
        List<String> lines = lastLines(log);
        return lines.isEmpty() ? "" : before + String.join("\n", lines);
    }

    private static List<String> lastLines(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(0, file.length() - BYTES));
            byte[] end = new byte[BYTES];
            int read = Math.max(0, file.read(end));
            List<String> lines = new String(end, 0, read, StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.replaceAll("\\p{Cntrl}", "?").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
            return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
        } catch (IOException none) {
            return List.of();
        }
    }
}
