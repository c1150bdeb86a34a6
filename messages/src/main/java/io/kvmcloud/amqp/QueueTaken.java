package io.kvmcloud.amqp;

import java.io.IOException;

/** An exclusive queue belongs to another connection: somebody else is what we want to be (405 RESOURCE_LOCKED). */
public final class QueueTaken extends IOException {

    private static final long serialVersionUID = 1;

    QueueTaken(String queue, IOException cause) {
        super("the queue " + queue + " belongs to another connection", cause);
    }
}
