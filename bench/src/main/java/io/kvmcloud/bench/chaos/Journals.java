package io.kvmcloud.bench.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which controller took which request, read from their journals' lines.
 *
 * @param taken by request id; more than one is one too many
 */
record Journals(Map<String, List<Taken>> taken) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A request that a controller has.
     *
     * @param number the instance number reserved for it, or -1
     * @param settled whether it has an outcome
     */
    record Taken(String controller, long number, boolean settled) {
        @Override
        public String toString() {
            return number < 0 ? controller : controller + " as " + controller + "/" + number;
        }
    }

    /** Reads all of them as they are now; half a line at the end is one that is being written. */
    static Journals of(Cloud cloud) throws IOException {
        Map<String, List<Taken>> taken = new HashMap<>();
        for (String controller : Plan.CONTROLLERS) {
            for (String line : Files.readAllLines(cloud.journal(controller))) {
                JsonNode json = JSON.readTree(line.replace("\0", "")); // what is reserved for lines to come is zeros
                if (json.has("request")) {
                    taken.computeIfAbsent(json.get("request").asText(), _ -> new ArrayList<>())
                            .add(new Taken(controller, json.path("number").asLong(-1), false));
                } else if (json.has("settled")) {
                    taken.getOrDefault(json.get("settled").asText(), new ArrayList<>())
                            .replaceAll(one -> one.controller().equals(controller)
                                    ? new Taken(controller, one.number(), true)
                                    : one);
                }
            }
        }
        return new Journals(taken);
    }

    List<Taken> of(String requestId) {
        return taken.getOrDefault(requestId, List.of());
    }
}
