package io.kvmcloud.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.amqp.Codec;
import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {

    private static final Event BEAT =
            new Event.ControllerHeartbeat(new ControllerName("s1"), new Capacity(1024, 0, 8, 0, 0));

    @Test
    void aControllerSpeaksForItself() {
        assertThat(Gate.admits(BEAT, delivery(BEAT, Topology.EVENTS, "controller.s1.heartbeat", "s1")))
                .isTrue();
    }

    @Test
    void nobodySpeaksForAnother() {
        assertThat(Gate.admits(BEAT, delivery(BEAT, Topology.EVENTS, "controller.s1.heartbeat", "s2")))
                .isFalse();
        assertThat(Gate.admits(BEAT, delivery(BEAT, Topology.EVENTS, "controller.s2.heartbeat", "s1")))
                .isFalse();
        assertThat(Gate.admits(BEAT, delivery(BEAT, "", "controller.s1.heartbeat", "s1")))
                .isFalse();
        Event foreign = new Event.ControllerUp(
                Some.controller("s1", new Capacity(1024, 0, 8, 0, 0), Some.MICRO),
                List.of(Some.instance("s2", 2000, "micro", 64, 1)));
        assertThat(Gate.admits(foreign, delivery(foreign, Topology.EVENTS, "controller.s1.up", "s1")))
                .isFalse();
    }

    @Test
    void aPartOfAnInventoryKeepsToItsRange() {
        for (long number : new long[] {999, 1000, 1001, 1002}) {
            Event part = new Event.ControllerUp(
                    Some.controller("s1", new Capacity(1024, 0, 8, 0, 0), Some.MICRO),
                    List.of(Some.instance("s1", number, "micro", 64, 1)),
                    1000L,
                    1002L);
            assertThat(Gate.admits(part, delivery(part, Topology.EVENTS, "controller.s1.up", "s1")))
                    .as("instance %d from 1000 to 1002", number)
                    .isEqualTo(number == 1000 || number == 1001);
        }
    }

    @Test
    void onlyAManagerSaysThatAControllerIsForgotten() {
        Event forgotten = new Event.ControllerForgotten(new ControllerName("s1"));
        assertThat(Gate.admits(
                        forgotten,
                        delivery(forgotten, Topology.EVENTS, "controller.s1.forgotten", Topology.MANAGER_USER)))
                .isTrue();
        assertThat(Gate.admits(forgotten, delivery(forgotten, Topology.EVENTS, "controller.s1.forgotten", "s1")))
                .isFalse();
        assertThat(Gate.admits(BEAT, delivery(BEAT, Topology.EVENTS, "controller.s1.heartbeat", Topology.MANAGER_USER)))
                .isFalse();
    }

    @Test
    void anInstanceIsOfASizeWorthRemembering() {
        InstanceView small = Some.instance("s1", 1, "micro", 64, 1);
        InstanceView huge = new InstanceView(
                small.id(),
                "micro",
                new MemorySize(64),
                1,
                2200,
                "",
                "",
                InstanceStatus.OFFLINE,
                Some.NOON,
                "x".repeat(9_000));

        Event fine = new Event.InstanceChanged(small);
        Event tooMuch = new Event.InstanceChanged(huge);

        assertThat(Gate.admits(fine, delivery(fine, Topology.EVENTS, "instance.s1.1.offline", "s1")))
                .isTrue();
        assertThat(Gate.admits(tooMuch, delivery(tooMuch, Topology.EVENTS, "instance.s1.1.offline", "s1")))
                .isFalse();
    }

    private static Delivery delivery(Event event, String exchange, String key, String user) {
        Envelope envelope = new Envelope(
                event.wireName(), null, null, null, user, "test", Map.of(), null, false, Codec.encode(event));
        return new Delivery(exchange, key, false, envelope, 1);
    }
}
