package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.Message;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Routing keys: the broker's permissions hang on them. */
class TopologyTest {

    @Test
    void aCommandsKeySaysWhetherItChangesSomethingAndWhatItIsAbout() {
        assertThat(keysOf(Command.class))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("instance.new", "write.instance.new"),
                        Map.entry("instance.run", "write.instance.run.s2.2000"),
                        Map.entry("instance.stop", "write.instance.stop.s2.2000"),
                        Map.entry("instance.kill", "write.instance.kill.s2.2000"),
                        Map.entry("instance.restart", "write.instance.restart.s2.2000"),
                        Map.entry("instance.pause", "write.instance.pause.s2.2000"),
                        Map.entry("instance.resume", "write.instance.resume.s2.2000"),
                        Map.entry("instance.delete", "write.instance.delete.s2.2000"),
                        Map.entry("instance.forward", "write.instance.forward.s2.2000"),
                        Map.entry("instance.unforward", "write.instance.unforward.s2.2000"),
                        Map.entry("instance.type", "write.instance.type.s2.2000"),
                        Map.entry("template.warm", "write.template.warm.s2"),
                        Map.entry("controller.drain", "write.controller.drain.s2"),
                        Map.entry("controller.undrain", "write.controller.undrain.s2"),
                        Map.entry("template.verify", "write.template.verify.s2"),
                        Map.entry("template.import", "write.template.import.s2"),
                        Map.entry("template.remove", "write.template.remove.s2"),
                        Map.entry("template.tidy", "write.template.tidy.s2"),
                        Map.entry("instance.log", "read.instance.log.s2.2000"),
                        Map.entry("host.examine", "read.host.examine.s2"),
                        Map.entry("host.measure", "read.host.measure.s2"),
                        Map.entry("cloud.examine", "read.cloud.examine"),
                        Map.entry("instance.list", "read.instance.list"),
                        Map.entry("template.list", "read.template.list"),
                        Map.entry("controller.list", "read.controller.list"),
                        Map.entry("event.list", "read.event.list"),
                        Map.entry("op.show", "read.op.show"),
                        Map.entry("ping", "read.ping"),
                        Map.entry("controller.forget", "admin.controller.forget"),
                        Map.entry("dead-letter.list", "admin.dead-letter.list"),
                        Map.entry("dead-letter.show", "admin.dead-letter.show"),
                        Map.entry("dead-letter.requeue", "admin.dead-letter.requeue"),
                        Map.entry("dead-letter.drop", "admin.dead-letter.drop")));
    }

    @Test
    void anEventsKeyNamesTheControllerItComesFrom() {
        assertThat(keysOf(Event.class))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "controller.up", "controller.s2.up",
                        "controller.heartbeat", "controller.s2.heartbeat",
                        "controller.down", "controller.s2.down",
                        "controller.forgotten", "controller.s2.forgotten",
                        "instance.changed", "instance.s2.2000.online",
                        "instance.removed", "instance.s2.2000.removed",
                        "instance.not-created", "instance.s2.2000.not-created"));
    }

    @Test
    void noControllerCanBeCalledLikeTheKeyOfAllControllers() {
        // A controller "all" would hear what is meant for everyone, and its commands would go to everyone.
        assertThat(Topology.ROLL_CALL).startsWith("all.");
        assertThatIllegalArgumentException().isThrownBy(() -> new ControllerName("all"));
    }

    private static Map<String, String> keysOf(Class<? extends Message> family) {
        return Samples.of(family).stream()
                .collect(Collectors.toMap(Message::wireName, TopologyTest::key, (a, b) -> a, TreeMap::new));
    }

    private static String key(Message message) {
        return switch (message) {
            case Command<?> command -> Topology.keyOf(command);
            case Event event -> Topology.keyOf(event);
            default -> throw new AssertionError(message + " has no key of its own");
        };
    }
}
