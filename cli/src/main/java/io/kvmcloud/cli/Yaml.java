package io.kvmcloud.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A JSON tree as YAML 1.2, of which JSON is a part: in lines and indents, words without quotes where every reader takes
 * them for words, all else as in JSON.
 */
final class Yaml {

    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*");

    /** What some reader takes for something else, YAML 1.1's among them. */
    private static final Pattern NO_WORD = Pattern.compile("(?i)true|false|yes|no|on|off|y|n|null");

    private static final String STEP = "  ";

    private final StringBuilder text = new StringBuilder();

    private Yaml() {}

    static String of(JsonNode tree) {
        var yaml = new Yaml();
        if (isLeaf(tree)) {
            yaml.text.append(leaf(tree)).append('\n');
        } else {
            yaml.block(tree, "", "");
        }
        return yaml.text.toString();
    }

    /** @param first what stands before the first line; the others have the indent */
    private void block(JsonNode node, String indent, String first) {
        String before = first;
        if (node.isArray()) {
            for (JsonNode item : node) {
                if (isLeaf(item)) {
                    text.append(before).append("- ").append(leaf(item)).append('\n');
                } else {
                    block(item, indent + STEP, before + "- ");
                }
                before = indent;
            }
        } else {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                JsonNode value = field.getValue();
                text.append(before).append(leaf(field.getKey())).append(':');
                if (isLeaf(value)) {
                    text.append(' ').append(leaf(value)).append('\n');
                } else {
                    text.append('\n');
                    block(value, indent + STEP, indent + STEP);
                }
                before = indent;
            }
        }
    }

    private static boolean isLeaf(JsonNode node) {
        return !node.isContainerNode() || node.isEmpty();
    }

    private static String leaf(JsonNode node) {
        return node.isTextual()
                ? leaf(node.textValue())
                : node.isNumber() ? node.decimalValue().toPlainString() : node.toString();
    }

    private static String leaf(String string) {
        return WORD.matcher(string).matches() && !NO_WORD.matcher(string).matches()
                ? string
                : Output.json(TextNode.valueOf(string).toString());
    }
}
