package io.kvmcloud.amqp;

import com.rabbitmq.client.LongString;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The message headers we use. */
public final class Headers {

    /** Wire version, a number; see {@link io.kvmcloud.messages.Message#VERSION}. */
    public static final String VERSION = "version";
    /** Epoch milliseconds after which a command is not run any more. */
    public static final String DEADLINE = "deadline";
    /** 0 for the first sending of a command, higher for repeats by the client. */
    public static final String ATTEMPT = "attempt";
    /** What a placed command needs: the template's name. */
    public static final String TEMPLATE = "template";
    /** What a placed command needs: memory in MiB. */
    public static final String MEMORY = "memory";
    /** What a placed command needs: virtual CPUs. */
    public static final String CPUS = "cpus";
    /** What a placed command's instance will be called, which no other may be; a manager passes on an empty one too. */
    public static final String NAME = "name";
    /** True when the command waits for a controller that is away, and is carried out on its return. */
    public static final String KEPT = "kept";
    /** True when the client was told that the command is stored: it waits until its deadline; set by the manager. */
    public static final String STORED = "stored";
    /** The user who asked, as the broker checked it; set by the manager. */
    public static final String ON_BEHALF_OF = "on-behalf-of";
    /** The key under which the client published; set by the manager, checked by the controller. */
    public static final String KEY = "key";
    /** Which sending of a command this is; set by the manager, told back by the broker when nobody picks it up. */
    public static final String COPY = "copy";
    /** Which controller answers. */
    public static final String CONTROLLER = "controller";
    /** Why a message became a dead letter; set by us, beside the broker's own x-death. */
    public static final String WHY = "why";
    /** There when an operator sends a dead letter again; set by the manager. */
    public static final String REQUEUED = "requeued";
    /** When a message became a dead letter, epoch milliseconds; set by us, beside the broker's own x-death. */
    public static final String WHEN = "when";
    /** The number of a publish on its channel, so that a returned message is told from its neighbours. */
    static final String SEQUENCE = "sequence";
    /** The broker's history of a dead-lettered message. */
    public static final String DEATHS = "x-death";

    private Headers() {}

    /** AMQP tables hold {@link LongString}s at any depth; the rest of the house sees strings, numbers, lists and maps. */
    static Object plain(Object value) {
        if (value instanceof LongString text) {
            return text.toString();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Headers::plain).toList();
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new TreeMap<>();
            map.forEach((key, item) -> copy.put(String.valueOf(key), plain(item)));
            return copy;
        }
        return value == null ? "" : value;
    }
}
