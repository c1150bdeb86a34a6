package io.kvmcloud.manager;

import io.kvmcloud.amqp.Delivery;
import io.kvmcloud.amqp.Envelope;
import io.kvmcloud.amqp.Headers;
import io.kvmcloud.amqp.Topology;
import io.kvmcloud.messages.BootReport;
import io.kvmcloud.messages.Capacity;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerView;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.Event;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.TemplateView;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Things that tests are made of. */
final class Some {

    static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    static final String REPLY_TO = Topology.DIRECT_REPLY_TO + ".g1h3B3JlcGx5QDEAAAABAAAAAAAAAAA=.a2V5";
    static final TemplateView MICRO = new TemplateView("micro", "small", new MemorySize(64), "root");
    static final TemplateView DEBIAN = new TemplateView("debian", "large", new MemorySize(512), "debian");

    private Some() {}

    static ControllerView controller(String name, Capacity capacity, TemplateView... templates) {
        return new ControllerView(
                new ControllerName(name),
                "host of " + name,
                "0.1.0",
                "tcg",
                "",
                capacity,
                List.of(templates),
                List.of());
    }

    static Event.ControllerUp up(String name, long memory, int cpus, TemplateView... templates) {
        return new Event.ControllerUp(controller(name, new Capacity(memory, 0, cpus, 0, 0), templates), List.of());
    }

    static InstanceView instance(String controller, long number, String template, int memory, int cpus) {
        return instance(new InstanceId(new ControllerName(controller), number), template, memory, cpus);
    }

    static InstanceView instance(InstanceId id, String template, int memory, int cpus) {
        return new InstanceView(
                id,
                template,
                new MemorySize(memory),
                cpus,
                2200,
                "127.0.0.1",
                "root",
                InstanceStatus.OFFLINE,
                NOON,
                "");
    }

    static InstanceView named(String id, String name) {
        return new InstanceView(
                InstanceId.parse(id),
                name,
                "micro",
                new MemorySize(64),
                1,
                DiskSize.OF_TEMPLATE,
                2200,
                "127.0.0.1",
                "root",
                InstanceStatus.OFFLINE,
                NOON,
                "",
                BootReport.NONE,
                List.of(),
                0);
    }

    /** A well-formed {@code new}, as a client publishes it. */
    static Map<String, Object> newHeaders(String template, long memory, int cpus) {
        return new HashMap<>(Map.of(
                Headers.VERSION,
                1,
                Headers.DEADLINE,
                NOON.plusSeconds(60).toEpochMilli(),
                Headers.ATTEMPT,
                0,
                Headers.TEMPLATE,
                template,
                Headers.MEMORY,
                memory,
                Headers.CPUS,
                cpus));
    }

    static Envelope envelope(
            @Nullable String type,
            @Nullable String id,
            @Nullable String replyTo,
            @Nullable String user,
            Map<String, Object> headers) {
        return new Envelope(
                type,
                id,
                id,
                replyTo,
                user,
                "test",
                headers,
                null,
                true,
                "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    static Delivery fromClient(String key, Envelope envelope) {
        return new Delivery(Topology.COMMANDS, key, false, envelope, 1);
    }
}
