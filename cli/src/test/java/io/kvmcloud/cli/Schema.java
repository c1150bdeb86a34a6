package io.kvmcloud.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of {@code docs/schema}, as far as JSON Schema is used there: type, enum, items, properties, required, allOf and $ref
 * to another file. Stricter than a validator is: a field that no schema describes is a misfit, since people read them.
 */
record Schema(JsonNode rules) {

    private static final Path DIRECTORY = Path.of(System.getProperty("basedir", ""), "../docs/schema");

    /** What JSON Schema calls these. */
    private static final Map<String, String> TYPES =
            Map.of("OBJECT", "object", "ARRAY", "array", "STRING", "string", "BOOLEAN", "boolean");

    static Schema of(String name) throws IOException {
        return new Schema(new JsonMapper().readTree(Files.readString(DIRECTORY.resolve(name + ".json"))));
    }

    /** What does not fit, with where it is. */
    List<String> misfits(JsonNode value) throws IOException {
        List<String> misfits = new ArrayList<>();
        check("$", value, misfits);
        return misfits;
    }

    private void check(String where, JsonNode value, List<String> misfits) throws IOException {
        if (rules.has("$ref")) {
            of(rules.get("$ref").textValue().replace(".json", "")).check(where, value, misfits);
            return;
        }
        if (!fits(rules.path("type").asText(), value)) {
            misfits.add(where + " is no " + rules.path("type") + ": " + value);
        }
        if (rules.has("enum") && !contains(rules.get("enum"), value)) {
            misfits.add(where + " is none of " + rules.get("enum") + ": " + value);
        }
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            new Schema(rules.path("items")).check(where + "[" + i + "]", value.get(i), misfits);
        }
        if (value.isObject()) {
            Map<String, JsonNode> fields = new HashMap<>();
            List<String> required = new ArrayList<>();
            collect(fields, required);
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                JsonNode known = fields.get(field.getKey());
                if (known == null) {
                    misfits.add(where + "." + field.getKey() + " is not described");
                } else {
                    new Schema(known).check(where + "." + field.getKey(), field.getValue(), misfits);
                }
            }
            required.stream()
                    .filter(name -> !value.has(name))
                    .forEach(name -> misfits.add(where + "." + name + " is missing"));
        }
    }

    /** Its own fields and those of the schemas it says it includes. */
    private void collect(Map<String, JsonNode> fields, List<String> required) throws IOException {
        if (rules.has("$ref")) {
            of(rules.get("$ref").textValue().replace(".json", "")).collect(fields, required);
        }
        for (JsonNode part : rules.path("allOf")) {
            new Schema(part).collect(fields, required);
        }
        rules.path("properties").properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        rules.path("required").forEach(name -> required.add(name.textValue()));
    }

    private static boolean fits(String type, JsonNode value) {
        return switch (type) {
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            default -> type.equals(TYPES.get(value.getNodeType().name()));
        };
    }

    private static boolean contains(JsonNode all, JsonNode value) {
        for (JsonNode one : all) {
            if (one.equals(value)) {
                return true;
            }
        }
        return false;
    }
}
