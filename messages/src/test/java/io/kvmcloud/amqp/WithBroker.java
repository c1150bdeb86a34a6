package io.kvmcloud.amqp;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real RabbitMQ: a {@link TestBroker} for each parameter of that type (also of the constructor), with a virtual host
 * that nobody else uses and that goes when the class is done.
 *
 * <p>The broker is the first of these that is there, one for the whole JVM: the one that {@code KVM_CLOUD_TEST_AMQP} names
 * (an administrator's URI; its management API at {@code KVM_CLOUD_TEST_MANAGEMENT}, by default port 15672 of the same
 * host); a container, when docker answers and has or gets the image; a private broker, when RabbitMQ is installed. With none
 * of them the test fails: a test that is skipped proves nothing. {@code KVM_CLOUD_TEST_BROKER=private} or {@code docker}
 * insists on one.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(BrokerExtension.class)
public @interface WithBroker {

    /** True for a broker of this class's own, which it may stop, kill and alarm. */
    boolean own() default false;

    /** The controllers that have users there. */
    String[] controllers() default {"s1", "s2", "s3"};

    /** The users who may ask for anything. */
    String[] operators() default {"operator"};

    /** The users who may ask for what is done on one host, like {@code operator-of-s1}, and for all reads. */
    String[] operatorsOf() default {"s1"};

    /** The users who may look at everything. */
    String[] viewers() default {"viewer"};
}
