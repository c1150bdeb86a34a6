package io.kvmcloud.bench.speed;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.kvmcloud.bench.speed.Bench.Effort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The yardstick of a command's way: the least that RabbitMQ and its Java client take for it.
 *
 * <pre>
 *   client ──▶ [floor.manager] ──▶ relay ──▶ [floor.controller] ──▶ worker ──▶ amq.rabbitmq.reply-to ──▶ client
 * </pre>
 *
 * <p>The same hops, quorum queues, confirms and acknowledgements as a command has, client, relay and worker in a JVM each, and
 * nothing else: 300 opaque bytes, no JSON, no journal, no instance. The relay confirms, and acknowledges when it is confirmed.
 */
final class Floor implements AutoCloseable {

    static final String MANAGER = "floor.manager";
    static final String CONTROLLER = "floor.controller";

    /** More than are ever outstanding here, so that nobody waits for an acknowledgement. */
    static final int PREFETCH = 256;

    private static final byte[] BODY = new byte[300];
    private static final AMQP.BasicProperties REQUEST = new AMQP.BasicProperties.Builder()
            .deliveryMode(2)
            .replyTo("amq.rabbitmq.reply-to")
            .contentType("application/json")
            .build();

    private final Lab lab;
    private final Process relay;
    private final Process worker;
    private final Connection connection;

    Floor(Lab lab) throws IOException {
        this.lab = lab;
        this.connection = connect(lab.adminUri("amqp"));
        try (Channel channel = connection.createChannel()) {
            for (String queue : List.of(MANAGER, CONTROLLER)) {
                channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
            }
        } catch (java.util.concurrent.TimeoutException late) {
            throw new IOException(late);
        }
        this.relay = part("relay");
        this.worker = part("worker");
    }

    /** One measurement with so many requests under way. */
    Sample measure(int outstanding, Effort effort) throws IOException {
        Channel channel = connection.createChannel();
        channel.confirmSelect();
        channel.addConfirmListener((_, _) -> {}, (_, _) -> {
            throw new IllegalStateException("the broker did not take a request");
        });
        Meter meter = new Meter();
        AtomicBoolean over = new AtomicBoolean();
        Semaphore ended = new Semaphore(0);
        AtomicLong number = new AtomicLong();
        Map<String, Long> sent = new ConcurrentHashMap<>();
        channel.basicConsume("amq.rabbitmq.reply-to", true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope from, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                Long began = sent.remove(properties.getCorrelationId());
                if (began != null) {
                    meter.note(System.nanoTime() - began);
                    if (over.get()) {
                        ended.release();
                    } else {
                        send(channel, number, sent);
                    }
                }
            }
        });
        for (int i = 0; i < outstanding; i++) {
            send(channel, number, sent);
        }
        Map<String, Supplier<Duration>> cpu = Map.of(
                "client",
                Meter::own,
                "manager",
                () -> cpu(relay),
                "controller",
                () -> cpu(worker),
                "broker",
                lab.node()::cpu);
        try {
            return meter.measure(effort, cpu);
        } finally {
            over.set(true);
            await(ended, outstanding);
            channel.abort();
        }
    }

    @Override
    public void close() {
        relay.destroy();
        worker.destroy();
        connection.abort(1000);
    }

    static Connection connect(String uri) throws IOException {
        try {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(uri);
            factory.setAutomaticRecoveryEnabled(false);
            return factory.newConnection("floor");
        } catch (java.util.concurrent.TimeoutException
                | java.net.URISyntaxException
                | java.security.GeneralSecurityException unusable) {
            throw new IOException(unusable);
        }
    }

    private static void send(Channel channel, AtomicLong number, Map<String, Long> sent) throws IOException {
        String id = Long.toString(number.incrementAndGet());
        sent.put(id, System.nanoTime());
        synchronized (sent) { // the first are sent by another thread than the rest
            channel.basicPublish(
                    "",
                    MANAGER,
                    true,
                    REQUEST.builder().correlationId(id).messageId(id).build(),
                    BODY);
        }
    }

    private Process part(String role) throws IOException {
        Process process = lab.process(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FloorPart.class.getName(),
                        role))
                .start();
        process.outputWriter().append(lab.adminUri("amqp")).append('\n').flush();
        BufferedReader said = process.inputReader();
        if (!"ready".equals(said.readLine())) {
            throw new IOException("the floor's " + role + " does not start: see " + lab.scratch());
        }
        return process;
    }

    private static Duration cpu(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static void await(Semaphore ended, int count) throws IOException {
        try {
            if (!ended.tryAcquire(count, 10, TimeUnit.SECONDS)) {
                throw new UncheckedIOException(new IOException("the floor lost a request"));
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new IOException(asked);
        }
    }
}
