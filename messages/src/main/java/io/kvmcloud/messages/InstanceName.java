package io.kvmcloud.messages;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What people call an instance, and what its guest calls itself: one label of a domain name (RFC 1123), in lower case. */
public final class InstanceName {

    private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private InstanceName() {}

    /**
     * This name.
     *
     * @throws IllegalArgumentException when it is none, with the rules in the message
     */
    public static String checked(String name) {
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + Text.shorten(name)
                            + "' is not a name for an instance: 1 to 63 of a-z, 0-9 and '-', neither first nor last a '-', like web-1");
        }
        return name;
    }

    /** The name checked, or empty where there is none: of a sender who knows no names. */
    public static String orNone(@Nullable String name) {
        return name == null || name.isEmpty() ? "" : checked(name);
    }
}
