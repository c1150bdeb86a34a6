package io.kvmcloud.bench.speed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a measurement found: for people a table in Markdown, for programs JSON with machine, versions and command. */
final class Sheet {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final ObjectNode all = JSON.createObjectNode();
    private final List<List<String>> table = new ArrayList<>();
    private final ArrayNode rows;

    /**
     * An empty one.
     *
     * @param header of the table
     */
    Sheet(String name, Map<String, String> conditions, List<String> header) {
        all.put("bench", name);
        all.put("at", Instant.now().toString());
        conditions.forEach(all::put);
        rows = all.putArray("rows");
        table.add(header);
    }

    /** How to measure it again. */
    void command(String words) {
        all.put("command", words);
    }

    /**
     * Another row.
     *
     * @param cells as people read it
     * @param figures as programs do, with all digits
     */
    void add(List<String> cells, Map<String, Object> figures) {
        table.add(cells);
        rows.add(JSON.valueToTree(figures));
    }

    /** The table, with the conditions below it. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            text.append("| ").append(String.join(" | ", row)).append(" |\n");
            if (row == table.getFirst()) {
                text.append("|---".repeat(row.size())).append("|\n");
            }
        }
        text.append('\n');
        all.properties().stream()
                .filter(entry -> entry.getValue().isTextual())
                .forEach(entry -> text.append(entry.getKey())
                        .append(": ")
                        .append(entry.getValue().textValue())
                        .append('\n'));
        return text.toString();
    }

    /** Writes the JSON. */
    void write(Path file) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, JSON.writeValueAsString(all) + "\n");
    }
}
