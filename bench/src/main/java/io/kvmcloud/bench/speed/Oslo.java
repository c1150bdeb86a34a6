package io.kvmcloud.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvmcloud.bench.speed.Bench.Effort;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** oslo.messaging's RPC as OpenStack uses it, client, conductor and compute, each a process: see {@code bench/oslo.py}. */
final class Oslo implements AutoCloseable {

    private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Lab lab;
    private final List<String> script;
    private final List<Process> servers = new ArrayList<>();

    private Oslo(Lab lab, List<String> script) {
        this.lab = lab;
        this.script = script;
    }

    /** Starts its servers where it is installed; else it measures nothing, and says so. */
    static Oslo open(Lab lab, Path root) throws IOException {
        for (String python : PYTHONS) {
            if (installed(lab, python)) {
                Oslo oslo = new Oslo(
                        lab, List.of(python, root.resolve("bench/oslo.py").toString()));
                oslo.servers.add(oslo.start("server", "compute"));
                oslo.servers.add(oslo.start("server", "conductor", "compute"));
                return oslo;
            }
        }
        System.err.println("dev/bench: without oslo.messaging, which is not installed"
                + " (Debian: python3-oslo.messaging and python3-eventlet)");
        return new Oslo(lab, List.of());
    }

    /** One measurement with so many calls under way; empty when it is not installed. */
    Optional<Sample> measure(int outstanding, Effort effort) throws IOException {
        if (script.isEmpty()) {
            return Optional.empty();
        }
        Process client = start(
                "client",
                "conductor",
                Integer.toString(outstanding),
                Double.toString(effort.each().toMillis() / 1000.0));
        String said = client.inputReader().readLine();
        if (said == null) {
            throw new IOException("oslo.messaging's client failed: see " + lab.scratch());
        }
        JsonNode result = JSON.readTree(said);
        return Optional.of(new Sample(
                result.required("count").asLong(),
                result.required("per_s").asDouble(),
                result.required("p50").asDouble(),
                result.required("p99").asDouble(),
                Map.of()));
    }

    @Override
    public void close() {
        servers.forEach(Process::destroy);
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(script);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = lab.process(command);
        builder.environment().put("URL", lab.adminUri("rabbit"));
        Process process = builder.start();
        BufferedReader said = process.inputReader();
        if (!"ready".equals(said.readLine())) {
            throw new IOException("oslo.messaging does not start: see " + lab.scratch());
        }
        return process;
    }

    private static boolean installed(Lab lab, String python) {
        try {
            return lab.process(List.of(python, "-c", "import oslo_messaging, eventlet"))
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
