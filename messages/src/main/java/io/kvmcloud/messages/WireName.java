package io.kvmcloud.messages;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a record is called outside Java: the AMQP {@code type} property and, for commands, the middle of the routing key.
 * Written out instead of derived, so that a search for the name seen in the management console finds the record.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface WireName {
    /** Noun and verb in lower case with a dot between, for example {@code instance.run}. */
    String value();
}
