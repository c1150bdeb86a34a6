package io.kvmcloud.amqp;

import java.util.Map;

/**
 * What a broker user may do in the cloud's virtual host, as regular expressions over names; {@code ^$} is nothing.
 *
 * @param configure which queues and exchanges it may declare and delete
 * @param write which exchanges it may publish to, and which queues it may bind
 * @param read which queues it may consume, and which exchanges it may bind to
 * @param topics for each topic exchange with which keys; where there are none for an exchange, all keys are allowed
 */
public record Rights(String configure, String write, String read, Map<String, Keys> topics) {

    /**
     * On one topic exchange.
     *
     * @param write which keys it may publish with
     * @param read which keys it may bind with
     */
    public record Keys(String write, String read) {}

    /** Copies the map. */
    public Rights {
        topics = Map.copyOf(topics);
    }
}
