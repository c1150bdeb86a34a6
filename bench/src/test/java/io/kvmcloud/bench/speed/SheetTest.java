package io.kvmcloud.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SheetTest {

    @Test
    void peopleGetATableAndProgramsTheSameWithAllDigits(@TempDir Path directory) throws Exception {
        Sheet sheet = new Sheet("rpc", Map.of("machine", "2 CPUs"), List.of("path", "p50 ms"));
        sheet.command("dev/bench rpc");
        sheet.add(List.of("floor", "1.23"), Map.of("path", "floor", "p50_ms", 1.23456));

        assertThat(sheet.markdown()).startsWith("""
                | path | p50 ms |
                |---|---|
                | floor | 1.23 |
                """).contains("machine: 2 CPUs\n", "command: dev/bench rpc\n");

        sheet.write(directory.resolve("new/rpc.json"));
        JsonNode json =
                new ObjectMapper().readTree(directory.resolve("new/rpc.json").toFile());
        assertThat(json.at("/rows/0/p50_ms").doubleValue()).isEqualTo(1.23456);
        assertThat(json.path("command").textValue()).isEqualTo("dev/bench rpc");
        assertThat(json.path("machine").textValue()).isEqualTo("2 CPUs");
    }
}
