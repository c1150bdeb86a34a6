package io.kvmcloud.controller.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
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
record JournalReader(SequencedMap<String, Journal.Entry> entries, Unsynced unsynced, long nextNumber, long end) {

    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    /** Lines after which it is time to forget. */
    private static final int MANY = 20_000;

    /**
     * Reads all there is, and forgets meanwhile what need not be remembered. A line that cannot be read is named in the log, kept in
     * {@code journal.damaged}, and left out: half a line after a power cut is expected, its request was never acknowledged.
     */
    static JournalReader read(Path path, long firstNumber, Retention retention, Instant now) throws IOException {
        SequencedMap<String, Journal.Entry> entries = new LinkedHashMap<>();
        Unsynced unsynced = new Unsynced();
        StringBuilder damaged = new StringBuilder();
        long next = firstNumber;
        long from = 0;
        int lines = 0;
        try (var file = new JournalLines(path)) {
            for (String read = file.next(); read != null; read = file.next()) {
                String line = withoutReserve(read);
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
                from = file.end();
                if (++lines % MANY == 0) {
                    retention.forget(entries, now, unsynced::contains);
                }
            }
            quarantine(path, damaged);
            return new JournalReader(entries, unsynced, next, file.end());
        }
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
