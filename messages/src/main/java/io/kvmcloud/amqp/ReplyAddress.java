package io.kvmcloud.amqp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The addresses of direct reply-to. The broker makes them, but a client may write one itself, and RabbitMQ 3 closes the
 * connection of whoever publishes to one that it cannot decode (541): one message could cut every manager off. So what does not
 * look as the broker makes it (its source, {@code rabbit_direct_reply_to}) is not answered. One that does, and names a node
 * that is not there, cannot be told from that of a client at another node of a cluster.
 */
final class ReplyAddress {

    private static final String PREFIX = Topology.DIRECT_REPLY_TO + ".";
    private static final Pattern NODE = Pattern.compile("[a-z]+@\\d{1,10}");

    /** Of Erlang's external term format: its version, a pid, and the tags of an atom with a length of one byte or two. */
    private static final int VERSION = 131;

    private static final int NEW_PID = 88;
    private static final int SMALL_ATOM = 115;
    private static final int SMALL_ATOM_UTF8 = 119;
    private static final int ATOM = 100;
    private static final int ATOM_UTF8 = 118;
    private static final int AFTER_NODE = 12;

    private ReplyAddress() {}

    static boolean isGenuine(String address) {
        int dot = address.lastIndexOf('.');
        if (!address.startsWith(PREFIX) || dot < PREFIX.length()) {
            return false;
        }
        try {
            return isPid(ByteBuffer.wrap(decoded(address.substring(PREFIX.length(), dot))))
                    && decoded(address.substring(dot + 1)).length > 0;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static byte[] decoded(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private static boolean isPid(ByteBuffer bytes) {
        if (bytes.remaining() < 5 || Byte.toUnsignedInt(bytes.get()) != VERSION || bytes.get() != NEW_PID) {
            return false;
        }
        int length = switch (Byte.toUnsignedInt(bytes.get())) {
            case SMALL_ATOM, SMALL_ATOM_UTF8 -> Byte.toUnsignedInt(bytes.get());
            case ATOM, ATOM_UTF8 -> Short.toUnsignedInt(bytes.getShort());
            default -> -1;
        };
        if (length < 0 || bytes.remaining() != length + AFTER_NODE) {
            return false;
        }
        byte[] node = new byte[length];
        bytes.get(node);
        return NODE.matcher(new String(node, StandardCharsets.ISO_8859_1)).matches();
    }
}
