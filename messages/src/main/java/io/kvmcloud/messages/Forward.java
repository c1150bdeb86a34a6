package io.kvmcloud.messages;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A port of the host that leads to one of the guest's.
 *
 * @param host 1 to 65535; 0 asks for any that is free
 * @param guest 1 to 65535
 * @param protocol null is TCP
 */
public record Forward(int host, int guest, Protocol protocol) {

    /** What goes through it. */
    public enum Protocol {
        /** Connections. */
        TCP,
        /** Datagrams. */
        UDP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A host's port, of which each protocol has 65535.
     *
     * @param protocol null is TCP
     */
    public record Port(int number, Protocol protocol) {

        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(?:/(tcp|udp))?");

        /** @throws IllegalArgumentException when the number is not between 1 and 65535 */
        public Port {
            number = checked(number, 1);
            protocol = protocol == null ? Protocol.TCP : protocol;
        }

        /**
         * Reads {@code 8080} or {@code 5353/udp}.
         *
         * @throws IllegalArgumentException when it is no port
         */
        public static Port parse(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "'" + Text.shorten(text) + "' is no port: it is written like 8080 or 5353/udp");
            }
            return new Port(Integer.parseInt(matcher.group(1)), of(matcher.group(2)));
        }

        @Override
        public String toString() {
            return number + "/" + protocol;
        }
    }

    /** How many an instance may have. */
    public static final int MOST = 20;

    private static final Pattern FORM = Pattern.compile("(\\d{0,9}):(\\d{1,9})(?:/(tcp|udp))?");

    /** @throws IllegalArgumentException when a port is out of range */
    public Forward {
        host = checked(host, 0);
        guest = checked(guest, 1);
        protocol = protocol == null ? Protocol.TCP : protocol;
    }

    /**
     * Reads {@code 8080:80}, {@code 5353:53/udp}, and {@code :80} for any free port of the host.
     *
     * @throws IllegalArgumentException when it is no forward
     */
    public static Forward parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + Text.shorten(text)
                    + "' is no forward: it is written HOST:GUEST, like 8080:80, 5353:53/udp, or :80 for any free port");
        }
        String host = matcher.group(1);
        return new Forward(
                host.isEmpty() ? 0 : Integer.parseInt(host), Integer.parseInt(matcher.group(2)), of(matcher.group(3)));
    }

    /**
     * A list for an instance; null is none.
     *
     * @throws IllegalArgumentException when there are too many, or a port of the host is there twice
     */
    static List<Forward> distinct(@Nullable List<Forward> forwards) {
        if (forwards == null) {
            return List.of();
        }
        if (forwards.size() > MOST) {
            throw new IllegalArgumentException("an instance has at most " + MOST + " forwards, not " + forwards.size());
        }
        Set<Port> ports = new HashSet<>();
        for (Forward forward : forwards) {
            if (forward.host() != 0 && !ports.add(forward.port())) {
                throw new IllegalArgumentException("the host's port " + forward.port() + " is forwarded twice");
            }
        }
        return List.copyOf(forwards);
    }

    /** The host's port. @throws IllegalArgumentException when any will do */
    public Port port() {
        return new Port(host, protocol);
    }

    /** The same at this port of the host. */
    public Forward at(int number) {
        return new Forward(number, guest, protocol);
    }

    /** {@code 8080:80/tcp}. */
    @Override
    public String toString() {
        return (host == 0 ? "" : host) + ":" + guest + "/" + protocol;
    }

    private static Protocol of(String word) {
        return "udp".equals(word) ? Protocol.UDP : Protocol.TCP;
    }

    private static int checked(int number, int least) {
        if (number < least || number > 65_535) {
            throw new IllegalArgumentException("a port is between 1 and 65535, not " + number);
        }
        return number;
    }
}
