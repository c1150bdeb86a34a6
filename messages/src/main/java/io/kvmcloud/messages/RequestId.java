package io.kvmcloud.messages;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;

/** Request ids: UUID version 7 (RFC 9562), so that they sort by the time they were made. */
public final class RequestId {

    private static final SecureRandom RANDOM = new SecureRandom();

    private RequestId() {}

    /** A new one, stamped with this clock's milliseconds. */
    public static String next(Clock clock) {
        long high = clock.millis() << 16 | 0x7000 | RANDOM.nextInt(0x1000);
        long low = RANDOM.nextLong() >>> 2 | 1L << 63;
        return new UUID(high, low).toString();
    }
}
