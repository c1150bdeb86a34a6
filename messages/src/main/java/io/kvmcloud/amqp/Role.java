package io.kvmcloud.amqp;

import io.kvmcloud.messages.ControllerName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of broker users, and all that each may do. This is the one place that says so; the broker holds everyone to it,
 * our programs check nothing of it themselves.
 */
public sealed interface Role {

    /** Matches no name. */
    String NOTHING = "^$";

    /** What a user of this name and role may do. */
    Rights rights(String user);

    /** As it is written in lists and on command lines. */
    String word();

    /** The host it is limited to, or empty. */
    default String host() {
        return "";
    }

    /** Whoever runs the broker. */
    record Administrator() implements Role {
        @Override
        public Rights rights(String user) {
            return new Rights(".*", ".*", ".*", Map.of());
        }

        @Override
        public String word() {
            return "administrator";
        }
    }

    /** Every manager. It reads what clients ask and hands it on to controllers. */
    record Manager() implements Role {
        @Override
        public Rights rights(String user) {
            return new Rights(
                    "^kvm\\.(manager\\..*|dead-letters|controller\\.[a-z0-9-]+\\.commands)$",
                    "^(kvm\\.controllers|kvm\\.events|kvm\\.dead|kvm\\.manager\\..*|amq\\.default)$",
                    "^kvm\\.(commands|events|unpicked|manager\\..*|dead-letters)$",
                    Map.of());
        }

        @Override
        public String word() {
            return "manager";
        }
    }

    /**
     * The controller of the user's name: its own queues, its own events, and bindings for what is meant for it. Answering by
     * direct reply-to takes the default exchange, so it can put bytes into any queue; receivers look where they come from.
     */
    record Host() implements Role {
        @Override
        public Rights rights(String user) {
            return new Rights(
                    "^kvm\\.controller\\." + user + "\\.",
                    "^(kvm\\.events|kvm\\.controller\\." + user + "\\..*|amq\\.default)$",
                    "^(kvm\\.controllers|kvm\\.controller\\." + user + "\\..*)$",
                    Map.of(
                            Topology.EVENTS, new Rights.Keys("^(controller|instance)\\." + user + "\\.", NOTHING),
                            Topology.CONTROLLERS, new Rights.Keys(NOTHING, "^(" + user + "|all)\\.")));
        }

        @Override
        public String word() {
            return "controller";
        }
    }

    /**
     * May ask for anything, or for everything that is addressed to one host and for all reads: a read follows each write, to
     * learn whether a manager is there.
     *
     * @param only the host it is limited to, or null
     */
    record Operator(@Nullable ControllerName only) implements Role {

        private static final String BEFORE = "^(read\\.|write\\.[a-z-]+\\.[a-z-]+\\.";
        private static final String AFTER = "(\\.|$))";
        private static final Pattern OF_HOST =
                Pattern.compile(Pattern.quote(BEFORE) + "([a-z0-9-]+)" + Pattern.quote(AFTER));

        @Override
        public Rights rights(String user) {
            return asking(only == null ? "^(read|write|admin)\\." : BEFORE + only + AFTER);
        }

        @Override
        public String word() {
            return "operator";
        }

        @Override
        public String host() {
            return only == null ? "" : only.value();
        }
    }

    /** May look at everything, and change nothing. */
    record Viewer() implements Role {
        @Override
        public Rights rights(String user) {
            return asking("^read\\.");
        }

        @Override
        public String word() {
            return "viewer";
        }
    }

    /** The role that a user has who may do exactly this; empty when it is none of ours. */
    static Optional<Role> of(String user, Rights rights) {
        Rights.Keys keys = rights.topics().get(Topology.COMMANDS);
        Matcher host = Operator.OF_HOST.matcher(keys == null ? "" : keys.write());
        Stream<Role> known =
                Stream.of(new Viewer(), new Operator(null), new Host(), new Manager(), new Administrator());
        return (host.matches() ? Stream.<Role>of(new Operator(new ControllerName(host.group(1)))) : known)
                .filter(role -> role.rights(user).equals(rights))
                .findFirst();
    }

    /** The roles of people, as they are written on command lines. */
    static List<String> words() {
        return List.of(new Viewer().word(), new Operator(null).word());
    }

    /** Clients publish to one exchange and do nothing else; an answer by direct reply-to needs no permission. */
    private static Rights asking(String keys) {
        return new Rights(
                NOTHING, "^kvm\\.commands$", NOTHING, Map.of(Topology.COMMANDS, new Rights.Keys(keys, NOTHING)));
    }
}
