package io.kvmcloud.controller.template;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.messages.Spelling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The fields of a JSON object that a person wrote; what is of the wrong kind is told and taken as not there. */
final class TemplateFields {

    private static final long LONGEST_FILE = 64 * 1024;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode object;
    private final Consumer<String> mistake;

    private TemplateFields(JsonNode object, Consumer<String> mistake) {
        this.object = object;
        this.mistake = mistake;
    }

    /**
     * Reads a file.
     *
     * @param mistake is told everything that is wrong
     * @throws IOException when it cannot be read, or is no JSON object
     */
    static TemplateFields read(Path file, Consumer<String> mistake) throws IOException {
        if (Files.size(file) > LONGEST_FILE) {
            throw new IOException("it has more than " + LONGEST_FILE + " bytes");
        }
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            if (!root.isObject()) {
                throw new IOException("it is not a JSON object { … }");
            }
            return new TemplateFields(root, mistake);
        } catch (JacksonException malformed) {
            var where = malformed.getLocation();
            String place = where == null ? "" : "line " + where.getLineNr() + ", column " + where.getColumnNr() + ": ";
            throw new IOException(
                    place + String.valueOf(malformed.getOriginalMessage()).replaceFirst(" \\(start marker.*", ""),
                    malformed);
        }
    }

    boolean has(String field) {
        return object.has(field);
    }

    /** Whether any field has this text for its value. */
    boolean names(String value) {
        return object.properties().stream()
                .anyMatch(field -> field.getValue().asText().equals(value));
    }

    void refuseUnknown(String prefix, List<String> known) {
        object.fieldNames().forEachRemaining(field -> {
            if (!known.contains(field)) {
                String near = Spelling.nearest(field, known)
                        .map(guess -> "did you mean " + prefix + guess + "?")
                        .orElse("there are " + prefix + String.join(", " + prefix, known));
                mistake.accept("unknown field " + prefix + field + ": " + near);
            }
        });
    }

    String text(String field, String otherwise) {
        JsonNode value = object.path(field);
        if (value.isTextual()) {
            return value.asText();
        }
        if (has(field)) {
            mistake.accept(field + " must be text in quotes, not " + value);
        }
        return otherwise;
    }

    boolean flag(String field, boolean otherwise) {
        JsonNode value = object.path(field);
        if (has(field) && !value.isBoolean()) {
            mistake.accept(field + " must be true or false, not " + value);
        }
        return value.asBoolean(otherwise);
    }

    /** Text or a whole number, as text; empty when it is not there. */
    String amount(String field) {
        JsonNode value = object.path(field);
        return value.isIntegralNumber() ? value.asText() : text(field, "");
    }

    /** The fields of a field; none when it is not there. */
    Map<String, JsonNode> object(String field) {
        JsonNode value = object.path(field);
        if (has(field) && !value.isObject()) {
            mistake.accept(field + " must be an object { … }, not " + value);
        }
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        value.properties().forEach(inner -> fields.put(inner.getKey(), inner.getValue()));
        return fields;
    }

    /** The same for a field that is an object. */
    TemplateFields inside(String field) {
        return new TemplateFields(object.path(field), mistake);
    }
}
