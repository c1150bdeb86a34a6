package io.kvmcloud.amqp;

import java.util.Map;

/** Envelopes with little in them. */
final class Envelopes {

    private Envelopes() {}

    static Envelope of(String type, byte[] body) {
        return with(type, body, Map.of());
    }

    static Envelope with(String type, byte[] body, Map<String, Object> headers) {
        return new Envelope(type, null, null, null, null, null, headers, null, false, body);
    }
}
