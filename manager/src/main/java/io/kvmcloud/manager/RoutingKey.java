package io.kvmcloud.manager;

import io.kvmcloud.messages.ControllerName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key on {@code kvm.commands} taken apart: {@code write.instance.run.s2.2000}, {@code write.template.warm.s2},
 * {@code read.ping}, {@code admin.dead-letter.list}.
 */
record RoutingKey(boolean write, String type, @Nullable ControllerName controller, long number) {

    private static final Pattern KEY = Pattern.compile(
            "(?<access>read|write|admin)\\.(?<type>[a-z-]{1,40}(\\.[a-z-]{1,40})?)(\\.(?<controller>[a-z][a-z0-9-]{0,31})(\\.(?<number>\\d{1,15}))?)?");

    /** Empty when it is of no form that a command has. */
    static Optional<RoutingKey> parse(String text) {
        Matcher matcher = KEY.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String controller = matcher.group("controller");
        String number = matcher.group("number");
        if (controller != null && number == null && matcher.group("type").startsWith("instance.")) {
            return Optional.empty(); // what is for a controller is not about an instance
        }
        return Optional.of(new RoutingKey(
                matcher.group("access").equals("write"),
                matcher.group("type"),
                controller == null ? null : new ControllerName(controller),
                number == null ? 0 : Long.parseLong(number)));
    }
}
