package io.kvmcloud.bench.chaos;

import io.kvmcloud.messages.InstanceId;
import java.time.Instant;

/**
 * An instance as the client that made it must find it: only this client asks for changes of it, one at a time.
 *
 * @param born the request that made it
 * @param power what the last answer about it said
 * @param before when that was asked for
 * @param since when that answer came
 */
record Mine(InstanceId id, String born, Power power, Instant before, Instant since) {

    /** Whether it runs. */
    enum Power {
        /** A run was acknowledged. */
        ON,
        /** It was never run, or its end was acknowledged. */
        OFF,
        /** A command failed that may have changed it. */
        UNKNOWN
    }

    /** What it is after an answer to what was asked at that time. */
    Mine become(Power next, Instant asked) {
        return new Mine(id, born, next, asked, Instant.now());
    }
}
