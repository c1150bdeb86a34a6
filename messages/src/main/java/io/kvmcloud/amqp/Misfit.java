package io.kvmcloud.amqp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Text;
import io.kvmcloud.messages.UserData;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;

/** Says in the words of the wire, not of Java, why JSON does not fit a message. */
final class Misfit {

    private static final int LONGEST = 300;

    private Misfit() {}

    /** Half a sentence, like {@code 'cpus' must be a whole number}. */
    static String explain(JsonProcessingException problem) {
        return switch (problem) {
            case ValueInstantiationException refused
            when refused.getCause() instanceof IllegalArgumentException cause ->
                colon(where(refused))
                        + Text.shorten(Objects.requireNonNullElse(cause.getMessage(), "not allowed"), LONGEST);
            case ValueInstantiationException refused -> where(refused) + "null where there must be a value";
            case MismatchedInputException mismatch when mismatch.getTargetType() != null -> mismatch(mismatch);
            case InputCoercionException _ -> "a number is out of range";
            default -> "it is no JSON that we read: " + firstLine(problem);
        };
    }

    private static String mismatch(MismatchedInputException mismatch) {
        String message = firstLine(mismatch);
        if (message.startsWith("No content")) {
            return "it is empty";
        }
        if (message.startsWith("Trailing token")) {
            return "there is more after the object's end";
        }
        if (message.startsWith("Cannot map `null`")) {
            return where(mismatch) + "is missing";
        }
        return where(mismatch) + "must be " + expected(mismatch.getTargetType());
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of "
                    + String.join(
                            ", ",
                            Arrays.stream(type.getEnumConstants())
                                    .map(String::valueOf)
                                    .toList());
        }
        if (type == InstanceId.class) {
            return "text like \"s2/2000\"";
        }
        if (type == ControllerName.class) {
            return "text like \"s2\"";
        }
        if (type == Instant.class) {
            return "text like \"2026-11-22T18:30:00Z\"";
        }
        if (type == MemorySize.class
                || type == int.class
                || type == Integer.class
                || type == long.class
                || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == String.class || type == UserData.class) {
            return "text";
        }
        return Collection.class.isAssignableFrom(type) ? "a list" : "an object";
    }

    /** {@code 'view.capacity' }, or nothing at the top. */
    private static String where(JsonMappingException problem) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : problem.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.isEmpty() ? "" : "'" + Text.shorten(path.toString()) + "' ";
    }

    private static String colon(String where) {
        return where.isEmpty() ? "" : where.strip() + ": ";
    }

    /** Jackson's own words, without its remarks on where the text came from. */
    private static String firstLine(JsonProcessingException problem) {
        String text = problem.getOriginalMessage();
        return text == null
                ? problem.getClass().getSimpleName()
                : Text.shorten(text.lines().findFirst().orElse("").replaceFirst(" \\(start marker.*", ""), LONGEST);
    }
}
