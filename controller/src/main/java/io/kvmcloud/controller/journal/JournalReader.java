package io.kvmcloud.controller.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a journal file says.
 *
 * @param entries in the order they were accepted
 * @param unsynced those of them whose instance may not be on the disk
 * @param nextNumber the first instance number that was not given out
 * @param end of the last whole line, in bytes
 */
record JournalReader(Map<String, Journal.Entry> entries, Unsynced unsynced, long nextNumber, long end) {

    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    /**
     * Reads all there is. A line that cannot be read is named in the log, kept in {@code journal.damaged}, and left out: half
     * a line after a power cut is expected, its request was never acknowledged.
     */
    static JournalReader read(Path path, long firstNumber) throws IOException {
        Map<String, Journal.Entry> entries = new LinkedHashMap<>();
        Unsynced unsynced = new Unsynced();
        long next = firstNumber;
        // Every byte is a character here, garbage too, so that lines can be counted in bytes.
        String all = Files.exists(path) ? Files.readString(path, StandardCharsets.ISO_8859_1) : "";
        StringBuilder damaged = new StringBuilder();
        int from = 0;
        while (from < all.length()) {
            int end = all.indexOf('\n', from) < 0 ? all.length() : all.indexOf('\n', from);
            String line = withoutReserve(all.substring(from, end));
            try {
                if (!line.isEmpty()) {
                    next = Math.max(next, JournalLine.replay(utf8(line), entries, unsynced));
                }
            } catch (IOException | RuntimeException unreadable) {
                LOG.warn(
                        "{}: a line at byte {} cannot be read and is left out: {}",
                        path,
                        from,
                        utf8(line.substring(0, Math.min(80, line.length()))).replaceAll("\\p{Cntrl}", "?"));
                damaged.append(line).append('\n');
            }
            from = end + 1;
        }
        quarantine(path, damaged);
        return new JournalReader(entries, unsynced, next, all.lastIndexOf('\n') + 1);
    }

    /** Zeros at the end were never written over, see {@link JournalFile}. */
    private static String withoutReserve(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == 0) {
            end--;
        }
        return line.substring(0, end);
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static void quarantine(Path path, StringBuilder damaged) {
        if (!damaged.isEmpty()) {
            Path aside = path.resolveSibling(path.getFileName() + ".damaged");
            try {
                Files.writeString(
                        aside,
                        damaged,
                        StandardCharsets.ISO_8859_1,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException full) {
                LOG.warn("what could not be read cannot be kept in {}: {}", aside, full.toString());
            }
        }
    }
}
