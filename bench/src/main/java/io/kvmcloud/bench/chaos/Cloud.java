package io.kvmcloud.bench.chaos;

import io.kvmcloud.amqp.BrokerAddress;
import io.kvmcloud.amqp.Definitions;
import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.process.Broker;
import io.kvmcloud.bench.process.FreePorts;
import io.kvmcloud.bench.process.Keeper;
import io.kvmcloud.bench.process.Part;
import io.kvmcloud.messages.ControllerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The processes of the cloud and their ways to the broker. Nothing of it runs before {@link #start}. */
final class Cloud implements AutoCloseable {

    private static final String VHOST = "kvm-cloud";
    private static final String OPERATOR = "operator";

    /** More than a controller ever has instances here, so that a leak is what fills them. */
    private static final int SSH_PORTS = 60;

    private final Plan plan;
    private final Path scratch;
    private final FreePorts ports = new FreePorts();
    private final Broker broker;
    private final Map<String, Part> daemons = new LinkedHashMap<>();
    private final Map<String, Wire> wires = new HashMap<>();
    private final Map<String, Integer> firstSshPort = new HashMap<>();

    /** Lays out the scratch directory. */
    Cloud(Plan plan, Path scratch) throws IOException {
        this.plan = plan;
        this.scratch = scratch;
        writeTemplate();
        this.broker = newBroker();
        for (String name : Plan.MANAGERS) {
            daemons.put(name, manager(name));
        }
        for (String name : Plan.CONTROLLERS) {
            daemons.put(name, controller(name));
        }
    }

    void start() {
        broker.start();
        daemons.values().forEach(Part::start);
    }

    Broker broker() {
        return broker;
    }

    Part daemon(String name) {
        return Objects.requireNonNull(daemons.get(name), name);
    }

    Wire wire(String daemon) {
        return Objects.requireNonNull(wires.get(daemon), daemon);
    }

    /** A new way to the broker, for a client. */
    Wire wire() {
        return new Wire(broker.ports());
    }

    /** Where clients ask, through a wire. */
    BrokerAddress operator(Wire wire) {
        return BrokerAddress.of(uri(OPERATOR, wire), password(OPERATOR));
    }

    /** The version of the broker, which must be there. */
    String brokerVersion() {
        try (Wire wire = wire();
                Requester requester = Requester.open(operator(wire), "kvm-cli chaos", "kvm-chaos/1")) {
            return requester.broker().replaceFirst(".* ", "");
        }
    }

    /** Where all logs, disks and journals are. */
    Path scratch() {
        return scratch;
    }

    Queues queues() throws IOException {
        return new Queues(broker.managementPort(), Files.readString(password("admin")), VHOST);
    }

    Path instances(String controller) {
        return scratch.resolve(controller).resolve("instances");
    }

    Path journal(String controller) {
        return scratch.resolve(controller).resolve("journal");
    }

    int firstSshPort(String controller) {
        return Objects.requireNonNull(firstSshPort.get(controller), controller);
    }

    @Override
    public void close() {
        wires.values().forEach(Wire::close);
    }

    private Broker newBroker() throws IOException {
        var definitions = new Definitions(
                VHOST, Plan.CONTROLLERS.stream().map(ControllerName::new).toList(), List.of(OPERATOR));
        Map<String, String> passwords = new HashMap<>();
        for (String user : definitions.users()) {
            passwords.put(user, Definitions.newPassword());
            Files.writeString(password(user), passwords.get(user));
            Files.setPosixFilePermissions(password(user), PosixFilePermissions.fromString("rw-------"));
        }
        return new Broker(
                plan.root(),
                plan.nodes(),
                scratch,
                ports,
                definitions.json(passwords::get),
                Files.readString(password("admin")));
    }

    /** An empty disk: nobody boots from it. */
    private void writeTemplate() throws IOException {
        Path template = Files.createDirectories(scratch.resolve("templates/" + Client.TEMPLATE));
        Files.write(template.resolve("disk.raw"), new byte[1 << 20]);
        Files.writeString(template.resolve("template.json"), "{\"disk\": \"disk.raw\", \"seed\": false}");
    }

    private Part manager(String name) {
        return daemon(name, "kvm-manager", List.of(), "io.kvmcloud.manager.Manager", List.of());
    }

    private Part controller(String name) {
        int sshPort = ports.block(SSH_PORTS).getFirst();
        firstSshPort.put(name, sshPort);
        List<String> options = List.of(
                "--work-dir",
                scratch.resolve(name).toString(),
                "--template-dir",
                scratch.resolve("templates").toString(),
                "--first-id",
                Integer.toString(1000 * (Plan.CONTROLLERS.indexOf(name) + 1)),
                "--first-ssh-port",
                Integer.toString(sshPort),
                "--ssh-ports",
                Integer.toString(SSH_PORTS),
                "--accelerator",
                "tcg",
                "--memory",
                "64G",
                "--cpus",
                "1000");
        return daemon(name, name, plan.overlay(), "io.kvmcloud.controller.Controller", options);
    }

    private Part daemon(String name, String user, List<Path> overlay, String mainClass, List<String> options) {
        Wire wire = wire();
        wires.put(name, wire);
        List<String> classPath = new ArrayList<>();
        overlay.forEach(path -> classPath.add(path.toString()));
        classPath.add(System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(":", classPath),
                mainClass,
                "--name",
                name,
                "--amqp",
                uri(user, wire),
                "--password-file",
                password(user).toString()));
        command.addAll(options);
        Map<String, String> environment = new HashMap<>(Keeper.mark(scratch));
        environment.put("KVM_CLOUD_FAKE_QEMU", Guests.moods(scratch).toString());
        environment.put("PATH", plan.root().resolve("bench/qemu") + ":" + System.getenv("PATH"));
        return new Part(name, command, environment, scratch.resolve(name + ".log"), false);
    }

    private Path password(String user) {
        return scratch.resolve(user + ".password");
    }

    private static String uri(String user, Wire wire) {
        return "amqp://" + user + "@" + wire.hosts() + "/" + VHOST;
    }
}
