package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each role may do, as far as it can be told without a broker; that the broker obeys is shown by PermissionsIT. */
class RoleTest {

    private static final Role OF_S1 = new Role.Operator(new ControllerName("s1"));

    private static List<Role> roles() {
        return List.of(
                new Role.Administrator(),
                new Role.Manager(),
                new Role.Host(),
                new Role.Operator(null),
                OF_S1,
                new Role.Viewer());
    }

    private static Stream<Command<?>> commands() {
        return Samples.of(Command.class).stream().map(message -> (Command<?>) message);
    }

    @ParameterizedTest
    @MethodSource("roles")
    void whatAUserMayDoTellsItsRole(Role role) {
        assertThat(Role.of("s9", role.rights("s9"))).contains(role);
    }

    @Test
    void whoMayDoAnythingElseHasNoRole() {
        Rights viewer = new Role.Viewer().rights("x");
        assertThat(Role.of("x", new Rights(viewer.configure(), viewer.write(), viewer.read(), Map.of())))
                .as("a viewer whose topic permission is gone may write")
                .isEmpty();
        assertThat(Role.of("x", new Rights(".*", viewer.write(), viewer.read(), viewer.topics())))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void anOperatorAsksForEverythingAndAViewerForReads(Command<?> command) {
        String key = Topology.keyOf(command);
        assertThat(may(new Role.Operator(null), key)).isTrue();
        assertThat(may(new Role.Viewer(), key)).isEqualTo(key.startsWith("read."));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void anOperatorOfAHostAsksForReadsAndForWhatIsDoneThere(Command<?> command) {
        boolean there = switch (command) {
            case Command.Addressed<?> addressed ->
                addressed.id().controller().value().equals("s1");
            case Command.Hosted<?> hosted -> hosted.controller().value().equals("s1");
            case Command.Query<?> _, Command.Inspection<?> _ -> true;
            case Command.Placed<?> _, Command.Administration<?> _ -> false;
        };
        assertThat(may(OF_S1, Topology.keyOf(command))).isEqualTo(there);
    }

    private static boolean may(Role role, String key) {
        Rights.Keys keys = Objects.requireNonNull(role.rights("x").topics().get(Topology.COMMANDS));
        return Pattern.compile(keys.write()).matcher(key).find();
    }
}
