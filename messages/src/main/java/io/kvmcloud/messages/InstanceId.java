package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code s2/2000}: the controller that owns the instance and a number that this controller never gives out twice.
 *
 * @param controller the owner; whoever holds the id knows whom to ask
 * @param number unique for ever on that controller
 */
public record InstanceId(ControllerName controller, long number) implements Comparable<InstanceId> {

    private static final Pattern FORM = Pattern.compile("([a-z][a-z0-9-]{0,31})/(\\d{1,15})");

    /** @throws IllegalArgumentException when the number is negative */
    public InstanceId {
        if (number < 0) {
            throw new IllegalArgumentException("an instance number is not negative: " + number);
        }
    }

    /**
     * Reads {@code s2/2000}.
     *
     * @throws IllegalArgumentException when the text is no instance id
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static InstanceId parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + Text.shorten(text)
                    + "' is not an instance id: it is written CONTROLLER/NUMBER, like s2/2000");
        }
        return new InstanceId(new ControllerName(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }

    @Override
    public int compareTo(InstanceId other) {
        int byController = controller.compareTo(other.controller);
        return byController != 0 ? byController : Long.compare(number, other.number);
    }

    @JsonValue
    @Override
    public String toString() {
        return controller + "/" + number;
    }
}
