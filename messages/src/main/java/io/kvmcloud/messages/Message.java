package io.kvmcloud.messages;

/** Anything that travels: a command, its reply, an event, or an inquiry of a manager. */
public sealed interface Message permits Command, Reply, Event, Inquiry {

    /** The wire version this build speaks; a receiver refuses a higher one and ignores fields it does not know. */
    int VERSION = 1;

    /** The name this kind of message has on the wire, see {@link WireName}. */
    default String wireName() {
        return wireName(getClass());
    }

    /** The name that messages of {@code type} have on the wire. */
    static String wireName(Class<? extends Message> type) {
        WireName name = type.getAnnotation(WireName.class);
        if (name == null) {
            throw new IllegalArgumentException(type.getName() + " has no @WireName");
        }
        return name.value();
    }
}
