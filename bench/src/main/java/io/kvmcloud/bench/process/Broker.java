package io.kvmcloud.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The broker: one private RabbitMQ, or a cluster of them on this machine that replicates its quorum queues. */
public final class Broker {

    private static final String HOST = "127.0.0.1";

    /** RabbitMQ forms the cluster by itself; what loses sight of the others waits rather than go on alone. */
    private static final String CLUSTER = """
            cluster_formation.peer_discovery_backend = classic_config
            cluster_partition_handling = pause_minority
            """;

    private final Path root;
    private final Path scratch;
    private final FreePorts ports;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Part> portMapper = new ArrayList<>();

    /** A RabbitMQ that is ended, stopped and started like any other part. */
    public final class Node {
        private final Path directory;
        private final List<Integer> own;
        private final Part part;

        private Node(Path directory, List<Integer> own, Part part) {
            this.directory = directory;
            this.own = own;
            this.part = part;
        }

        public Part part() {
            return part;
        }

        public int port() {
            return own.getFirst();
        }

        /** Starts it again, when the ports of its last life are free. */
        public void startAgain() {
            ports.awaitFree(own);
            part.start();
        }
    }

    /**
     * Lays out the nodes' directories.
     *
     * @param root of the source tree, where the broker's script is
     * @param count of its nodes: 1, or 3 for a cluster
     * @param scratch where each has a directory of its own
     * @param definitions what the broker holds before anyone connects
     * @param adminPassword of its administrator
     */
    public Broker(Path root, int count, Path scratch, FreePorts ports, String definitions, String adminPassword)
            throws IOException {
        this.root = root;
        this.scratch = scratch;
        this.ports = ports;
        if (count == 1) {
            List<Integer> own = ports.block(4);
            Files.writeString(directory("broker").resolve("definitions.json"), definitions);
            nodes.add(node("broker", own, Map.of()));
            return;
        }
        int epmd = ports.block(1).getFirst();
        portMapper.add(new Part(
                "epmd",
                List.of("epmd", "-port", Integer.toString(epmd), "-address", HOST),
                Keeper.mark(scratch),
                scratch.resolve("epmd.log"),
                false));
        Files.writeString(scratch.resolve("definitions.json"), definitions);
        List<String> names =
                IntStream.rangeClosed(1, count).mapToObj(n -> "broker" + n).toList();
        String members = names.stream()
                .map(name -> "cluster_formation.classic_config.nodes." + name + " = " + name + "@localhost\n")
                .collect(Collectors.joining());
        for (String name : names) {
            Path directory = directory(name);
            Files.writeString(directory(name + "/conf.d").resolve("cluster.conf"), CLUSTER + members);
            Files.writeString(directory(name + "/home").resolve(".erlang.cookie"), adminPassword);
            Files.writeString(directory.resolve("admin.password"), adminPassword);
            List<Integer> own = ports.block(3);
            List<Integer> all = new ArrayList<>(own);
            all.add(epmd);
            nodes.add(node(name, all, Map.of("KVM_CLOUD_RABBITMQ_NODE", name)));
        }
    }

    /** Starts all of it; a cluster's queues are made when all nodes are there, so that each has a replica on each. */
    public void start() {
        portMapper.forEach(Part::start);
        nodes.forEach(node -> node.part.start());
        if (nodes.size() > 1) {
            ctl("await_online_nodes", Integer.toString(nodes.size()), "--timeout", "120");
            ctl("import_definitions", scratch.resolve("definitions.json").toString());
        }
    }

    public List<Node> nodes() {
        return nodes;
    }

    /** Of each node. */
    public List<Integer> ports() {
        return nodes.stream().map(Node::port).toList();
    }

    /** Of the management API of the first node. */
    public int managementPort() {
        return nodes.getFirst().own.get(1);
    }

    /** Whether all nodes take clients. */
    public boolean complete() {
        return ports().stream().noneMatch(FreePorts::free);
    }

    private Path directory(String name) throws IOException {
        return Files.createDirectories(scratch.resolve(name));
    }

    private Node node(String name, List<Integer> ports, Map<String, String> more) {
        Path directory = scratch.resolve(name);
        List<String> command =
                new ArrayList<>(List.of(root.resolve("local/rabbitmq").toString(), directory.toString()));
        ports.forEach(port -> command.add(port.toString()));
        Map<String, String> environment = new HashMap<>(Keeper.mark(scratch));
        environment.putAll(more);
        Part part = new Part(name, command, environment, scratch.resolve(name + ".log"), true);
        return new Node(directory, ports.subList(0, 3), part);
    }

    /** rabbitmqctl on the first node, as soon as that takes it. */
    private void ctl(String... arguments) {
        Node first = nodes.getFirst();
        while (FreePorts.free(first.port())) {
            if (!first.part.alive()) {
                throw new IllegalStateException("RabbitMQ does not start: see " + first.part.log());
            }
            LockSupport.parkNanos(100_000_000);
        }
        List<String> command =
                new ArrayList<>(List.of(first.directory.resolve("rabbitmqctl").toString(), "-q"));
        command.addAll(List.of(arguments));
        Path log = scratch.resolve("rabbitmqctl.log");
        try {
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed: see " + log);
            }
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }
}
