package io.kvmcloud.amqp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;

/** Reads ISO 8601 instants; one class instead of one more dependency. */
final class InstantReader extends StdScalarDeserializer<Instant> {

    private static final long serialVersionUID = 1;

    InstantReader() {
        super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        try {
            return Instant.parse(parser.getText());
        } catch (DateTimeException _) {
            return (Instant) context.handleWeirdStringValue(Instant.class, parser.getText(), "not an ISO 8601 instant");
        }
    }
}
