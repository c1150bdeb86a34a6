package io.kvmcloud.messages;

import java.util.regex.Pattern;

/** What people call a template, and what its directory is called on a host. */
public final class TemplateName {

    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");

    private TemplateName() {}

    /** Whether this is one. */
    public static boolean is(String name) {
        return FORM.matcher(name).matches();
    }

    /**
     * This name; null is for whoever looks for what is missing.
     *
     * @throws IllegalArgumentException when it is none, with the rules in the message
     */
    public static String checked(String name) {
        if (name != null && !is(name)) {
            throw new IllegalArgumentException(
                    "'" + Text.shorten(name)
                            + "' is not a name for a template: 1 to 63 of a-z, 0-9, '.' and '-', beginning with one of the first two");
        }
        return name;
    }
}
