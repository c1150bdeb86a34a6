package io.kvmcloud.bench.speed;

import com.rabbitmq.client.Connection;
import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.Definitions;
import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.process.Broker;
import io.kvmcloud.bench.process.FreePorts;
import io.kvmcloud.bench.process.Keeper;
import io.kvmcloud.bench.process.Part;
import io.kvmcloud.messages.Command.ListControllers;
import io.kvmcloud.messages.Command.Ping;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.ControllerName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A cloud to measure: a private RabbitMQ, a manager and a controller with a fake QEMU, each started as {@code local/up} starts
 * it. All of it is gone when it is closed.
 */
final class Lab implements AutoCloseable {

    /** The only template there is: an empty disk, nobody boots from it. */
    static final String TEMPLATE = "empty";

    static final ControllerName CONTROLLER = new ControllerName("s1");

    private static final String VHOST = "kvm-cloud";
    private static final String OPERATOR = "operator";

    /** For more instances than are ever there at a time; few of them run, and a port that somebody has is not taken. */
    private static final int FIRST_SSH_PORT = 12_000;

    private static final int SSH_PORTS = 12_000;

    private static final Duration STARTS = Duration.ofMinutes(2);

    private final Path root;
    private final Path scratch;
    private final boolean profile;
    private final Keeper keeper;
    private final Broker broker;
    private final Part manager;
    private final Part controller;

    /** One with a controller; {@link #start} starts it. */
    Lab(Path root, boolean profile) throws IOException {
        this(root, profile, List.of(CONTROLLER));
    }

    /**
     * Lays it out.
     *
     * @param root of the source tree
     * @param profile whether the daemons leave a recording in {@code target/bench}
     * @param controllers whom the broker lets in; all with the password of the first
     */
    Lab(Path root, boolean profile, List<ControllerName> controllers) throws IOException {
        this.root = root;
        this.profile = profile;
        this.scratch = Files.createTempDirectory("kvm-bench-");
        this.keeper = new Keeper(scratch);
        String first = System.getenv("KVM_CLOUD_BENCH_PORT");
        FreePorts ports = first == null ? new FreePorts() : new FreePorts(Integer.parseInt(first));
        var definitions = new Definitions(VHOST, controllers, List.of(OPERATOR));
        String ofControllers = Definitions.newPassword();
        Map<String, String> passwords = new HashMap<>();
        for (String user : definitions.users()) {
            boolean host = controllers.stream().anyMatch(name -> name.value().equals(user));
            passwords.put(user, host ? ofControllers : Definitions.newPassword());
            Files.writeString(password(user), passwords.get(user));
            Files.setPosixFilePermissions(password(user), PosixFilePermissions.fromString("rw-------"));
        }
        this.broker = new Broker(root, 1, scratch, ports, definitions.json(passwords::get), secret("admin"));
        this.manager = daemon("m1", "kvm-manager", "io.kvmcloud.manager.Manager", List.of());
        this.controller = daemon("s1", "s1", "io.kvmcloud.controller.Controller", controllerOptions());
    }

    /** Starts all of it and waits until the manager knows the controller. */
    void start() {
        broker.start();
        manager.start();
        controller.start();
        await(STARTS, this::up);
    }

    /** Starts broker and manager, for controllers of another kind. */
    void startWithoutController() {
        broker.start();
        manager.start();
        await(STARTS, () -> !FreePorts.free(broker.ports().getFirst()) && pong());
    }

    /** Waits until it is so. */
    void await(Duration longest, BooleanSupplier state) {
        long latest = System.nanoTime() + longest.toNanos();
        while (!state.getAsBoolean()) {
            if (System.nanoTime() > latest) {
                throw new IllegalStateException(
                        "the cloud did not come up within " + longest.toMinutes() + " min: see " + scratch);
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** Many simulated controllers in one process, s{@code first} to s{@code last}. */
    Part fleet(int first, int last) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Xss256k",
                "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                Fleet.class.getName(),
                host() + "/" + VHOST,
                password(CONTROLLER.value()).toString(),
                Integer.toString(first),
                Integer.toString(last));
        String name = "fleet-" + first;
        return new Part(name, command, Keeper.mark(scratch), scratch.resolve(name + ".log"), false);
    }

    /** What the environment of the command line must have. */
    Map<String, String> operator() {
        return Map.of(
                "KVM_CLOUD_AMQP",
                uri(OPERATOR),
                "KVM_CLOUD_PASSWORD_FILE",
                password(OPERATOR).toString());
    }

    Broker broker() {
        return broker;
    }

    Part node() {
        return broker.nodes().getFirst().part();
    }

    Part manager() {
        return manager;
    }

    Part controller() {
        return controller;
    }

    Path scratch() {
        return scratch;
    }

    /** Asks the cloud. */
    Requester requester() {
        return Requester.open(BrokerAddress.of(uri(OPERATOR), password(OPERATOR)), "kvm-cli bench", "kvm-bench/1");
    }

    /** The administrator's way in, with the password: for the yardsticks. */
    String adminUri(String scheme) {
        return scheme + "://admin:" + secret("admin") + "@" + host() + "/" + VHOST;
    }

    String brokerVersion() throws IOException {
        try (Connection connection = Floor.connect(adminUri("amqp"))) {
            return String.valueOf(connection.getServerProperties().get("version"));
        }
    }

    /** A process that ends with this bench, at the latest. */
    ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        scratch.resolve("others.log").toFile()));
        builder.environment().putAll(Keeper.mark(scratch));
        return builder;
    }

    @Override
    public void close() {
        if (profile) { // a recording is written at an orderly end
            manager.end();
            controller.end();
        }
        keeper.close();
        try (Stream<Path> all = Files.walk(scratch)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException busy) {
            throw new UncheckedIOException(busy);
        }
    }

    private boolean pong() {
        try (Requester requester = requester()) {
            return !requester.ask(new Ping(), Duration.ofSeconds(5)).manager().isEmpty();
        } catch (CommandFailed notYet) {
            return false;
        }
    }

    private boolean up() {
        if (FreePorts.free(broker.ports().getFirst())) {
            return false;
        }
        try (Requester requester = requester()) {
            return requester.ask(new ListControllers(), Duration.ofSeconds(5)).controllers().stream()
                    .anyMatch(row ->
                            row.reachable() && !row.controller().templates().isEmpty());
        } catch (CommandFailed notYet) {
            return false;
        }
    }

    private List<String> controllerOptions() throws IOException {
        Path template = Files.createDirectories(scratch.resolve("templates/" + TEMPLATE));
        Files.write(template.resolve("disk.raw"), new byte[1 << 20]);
        Files.writeString(template.resolve("template.json"), "{\"disk\": \"disk.raw\", \"seed\": false}");
        Files.writeString(scratch.resolve("moods"), ""); // a fake QEMU does as it is told
        return List.of(
                "--work-dir",
                scratch.resolve("s1").toString(),
                "--template-dir",
                scratch.resolve("templates").toString(),
                "--first-ssh-port",
                Integer.toString(FIRST_SSH_PORT),
                "--ssh-ports",
                Integer.toString(SSH_PORTS),
                "--accelerator",
                "tcg",
                "--memory",
                "1024G",
                "--cpus",
                "100000");
    }

    private Part daemon(String name, String user, String mainClass, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("local/daemon.options"),
                "-Xmx256m"));
        if (profile) {
            Path recording =
                    Files.createDirectories(root.resolve("target/bench")).resolve(name + ".jfr");
            command.add("-XX:StartFlightRecording=settings=profile,jdk.FileForce#threshold=0ns,filename=" + recording);
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                mainClass,
                "--name",
                name,
                "--amqp",
                uri(user),
                "--password-file",
                password(user).toString()));
        command.addAll(options);
        Map<String, String> environment = new HashMap<>(Keeper.mark(scratch));
        environment.put("KVM_CLOUD_FAKE_QEMU", scratch.resolve("moods").toString());
        environment.put("PATH", root.resolve("bench/qemu") + ":" + System.getenv("PATH"));
        return new Part(name, command, environment, scratch.resolve(name + ".log"), false);
    }

    private Path password(String user) {
        return scratch.resolve(user + ".password");
    }

    String secret(String user) {
        try {
            return Files.readString(password(user));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private String uri(String user) {
        return "amqp://" + user + "@" + host() + "/" + VHOST;
    }

    private String host() {
        return "127.0.0.1:" + broker.ports().getFirst();
    }
}
