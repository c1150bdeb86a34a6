package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * The name of a controller: its RabbitMQ user, part of its queues' names and of its instances' ids.
 *
 * @param value 1 to 32 lower-case letters, digits and dashes, first a letter; no dot, since it is one word of a routing key;
 *     not {@code all}, since keys that begin with that word reach every controller
 */
public record ControllerName(@JsonValue String value) implements Comparable<ControllerName> {

    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    /** @throws IllegalArgumentException when the text is no controller name */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ControllerName {
        if (!FORM.matcher(value).matches() || value.equals("all")) {
            throw new IllegalArgumentException(
                    "'" + Text.shorten(value)
                            + "' is not a controller name: 1 to 32 lower-case letters, digits and dashes, first a letter, like s1; not 'all'");
        }
    }

    @Override
    public int compareTo(ControllerName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
