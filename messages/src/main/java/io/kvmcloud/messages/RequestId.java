package io.kvmcloud.messages;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.UUID;

/** Request ids: UUID version 7 (RFC 9562), so that they sort by the time they were made. */
public final class RequestId {

    /** What SecureRandom reads, too; to find that among the JDK's providers would be 9 ms of a start of the command line. */
    private static final InputStream RANDOM = open();

    private RequestId() {}

    /** A new one, stamped with this clock's milliseconds. */
    public static String next(Clock clock) {
        ByteBuffer random = random();
        long high = clock.millis() << 16 | 0x7000 | random.getShort() & 0xfff;
        long low = random.getLong() >>> 2 | 1L << 63;
        return new UUID(high, low).toString();
    }

    private static ByteBuffer random() {
        try {
            return ByteBuffer.wrap(RANDOM.readNBytes(Short.BYTES + Long.BYTES));
        } catch (IOException broken) {
            throw new UncheckedIOException("the kernel gives no random numbers", broken);
        }
    }

    private static InputStream open() {
        try {
            return new FileInputStream("/dev/urandom");
        } catch (IOException broken) {
            throw new UncheckedIOException("the kernel gives no random numbers", broken);
        }
    }
}
