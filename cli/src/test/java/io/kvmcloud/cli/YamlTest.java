package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** YAML that every reader understands the same way. */
class YamlTest {

    @ParameterizedTest
    @ValueSource(strings = {"ONLINE", "s1/1000", "instance.kill", "web-1", "Infinity", "nobody"})
    void aWordIsABareWord(String word) {
        assertThat(Yaml.of(TextNode.valueOf(word))).isEqualTo(word + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "~",
                "yes",
                "No",
                "ON",
                "y",
                "true",
                "1",
                "1.5",
                "1e3",
                "-",
                "- a",
                "a: b",
                "a #b",
                "#",
                "'a'",
                "*a",
                "&a",
                "!a",
                "%a",
                "@a",
                "`a",
                "[a]",
                "{a}",
                "2026-01-02",
                "12:30",
                ".inf",
                "=",
                "<<",
                "---",
                "a b",
                "ü"
            })
    void whatCouldBeSomethingElseIsQuoted(String text) {
        assertThat(Yaml.of(TextNode.valueOf(text))).isEqualTo("\"" + text + "\"\n");
    }

    @Test
    void lineEndsAndControlCharactersAreEscaped() {
        assertThat(Yaml.of(TextNode.valueOf("a\n\"\\\u001b\u009b\u0085\u2028")))
                .isEqualTo("\"a\\n\\\"\\\\\\u001B\\u009b\\u0085\\u2028\"\n");
    }

    @Test
    void treesAreLinesAndIndents() throws Exception {
        JsonNode tree = new JsonMapper()
                .readTree("[{\"a\":1.50,\"b\":[],\"c\":{\"d\":[\"x\",{\"e\":true,\"f\":{}}]}},[[1],2],null]");

        assertThat(Yaml.of(tree)).isEqualTo("""
                - a: 1.5
                  b: []
                  c:
                    d:
                      - x
                      - e: true
                        f: {}
                - - - 1
                  - 2
                - null
                """);
    }
}
