package io.kvmcloud.amqp;

/** The session ended before the answer came; whether the command arrived is unknown. */
final class SessionLost extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final boolean brokerThere;

    SessionLost(String why) {
        this(why, false);
    }

    /** @param brokerThere it only refused what somebody else asked on the same session */
    SessionLost(String why, boolean brokerThere) {
        super(why);
        this.brokerThere = brokerThere;
    }

    /** Whether there is nothing to wait for before it is asked again. */
    boolean brokerThere() {
        return brokerThere;
    }
}
