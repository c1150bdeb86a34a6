package io.kvmcloud.amqp;

/** The session ended before the answer came; whether the command arrived is unknown. */
final class SessionLost extends RuntimeException {

    private static final long serialVersionUID = 1;

    SessionLost(String why) {
        super(why);
    }
}
