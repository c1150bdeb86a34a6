package io.kvmcloud.amqp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Reads ISO 8601 instants; one class instead of one more dependency. */
final class InstantReader extends StdScalarDeserializer<Instant> {

    private static final long serialVersionUID = 1;

    /** The usual form without a fraction. */
    private static final String SECONDS = "0000-00-00T00:00:00Z";

    InstantReader() {
        super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        try {
            String text = parser.getText();
            Instant usual = inUtc(text);
            return usual == null ? Instant.parse(text) : usual;
        } catch (DateTimeException _) {
            return (Instant) context.handleWeirdStringValue(Instant.class, parser.getText(), "not an ISO 8601 instant");
        }
    }

    /**
     * {@code 2026-11-26T13:04:23.289338Z}, the form in which we write them: a list has one in each row, and {@link Instant#parse}
     * takes a third of the time that all the rest of a row does. Null for any other form.
     */
    static @Nullable Instant inUtc(String text) {
        int length = text.length();
        if (length < SECONDS.length() || length > SECONDS.length() + 10 || text.charAt(length - 1) != 'Z') {
            return null;
        }
        for (int i = 0; i < SECONDS.length() - 1; i++) {
            char form = SECONDS.charAt(i);
            if (form == '0' ? !digit(text.charAt(i)) : text.charAt(i) != form) {
                return null;
            }
        }
        if (number(text, 11, 13) > 23 || number(text, 17, 19) > 59) {
            return null; // midnight at the end of a day, a leap second
        }
        int nanos = 0;
        if (length > SECONDS.length()) {
            if (text.charAt(SECONDS.length() - 1) != '.' || length == SECONDS.length() + 1) {
                return null;
            }
            for (int i = SECONDS.length(); i < SECONDS.length() + 9; i++) {
                char next = i < length - 1 ? text.charAt(i) : '0';
                if (!digit(next)) {
                    return null;
                }
                nanos = nanos * 10 + next - '0';
            }
        }
        LocalDateTime time = LocalDateTime.of(
                number(text, 0, 4),
                number(text, 5, 7),
                number(text, 8, 10),
                number(text, 11, 13),
                number(text, 14, 16),
                number(text, 17, 19),
                nanos);
        return time.toInstant(ZoneOffset.UTC);
    }

    private static boolean digit(char one) {
        return one >= '0' && one <= '9';
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }
}
