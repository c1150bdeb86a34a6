package io.kvmcloud.amqp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A broker as a child process, by the same script that `kvm-cloud up` uses. */
final class PrivateServer implements RabbitServer {

    /** Ends the broker when our end of the pipe closes, so also when this JVM is killed. */
    private static final String WITH_US =
            "exec 3<&0; (cat <&3; kill -TERM $$) >/dev/null 2>&1 & exec \"$@\" </dev/null 3<&-";

    private final Path directory;
    private final List<Integer> ports;
    private final Access access;
    private @Nullable Process process;

    private PrivateServer(Path directory, List<Integer> ports) throws IOException {
        this.directory = directory;
        this.ports = ports;
        // The name of the administrator and where its password is read from are the script's.
        String password = Definitions.newPassword();
        Files.writeString(directory.resolve("admin.password"), password);
        access = new Access(
                URI.create("amqp://127.0.0.1:" + ports.get(0)),
                URI.create("http://127.0.0.1:" + ports.get(1)),
                "admin",
                password);
    }

    static boolean available() {
        try {
            Process asked = new ProcessBuilder(script(), "--installed")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return asked.waitFor() == 0;
        } catch (IOException _) {
            return false; // no bash here
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static PrivateServer launch() {
        return launch("");
    }

    /**
     * @param settings more lines of its configuration file
     * @param plugins beside the management console
     */
    static PrivateServer launch(String settings, String... plugins) {
        try {
            PrivateServer server = new PrivateServer(Files.createTempDirectory("kvm-cloud broker "), FreePorts.take(4));
            Files.writeString(
                    Files.createDirectory(server.directory.resolve("conf.d")).resolve("90-test.conf"), settings);
            Files.writeString(
                    server.directory.resolve("enabled_plugins"),
                    "["
                            + Stream.concat(Stream.of("rabbitmq_management"), Stream.of(plugins))
                                    .collect(Collectors.joining(","))
                            + "].\n");
            server.start();
            return server;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public Access access() {
        return access;
    }

    @Override
    public String description() {
        return "a private broker in " + directory;
    }

    @Override
    public void start() {
        List<String> command =
                new ArrayList<>(List.of("bash", "-c", WITH_US, "broker", script(), directory.toString()));
        ports.forEach(port -> command.add(port.toString()));
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("console.log").toFile()))
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void stop() {
        end(List.of());
    }

    @Override
    public void kill() {
        if (process != null) {
            end(process.descendants().toList());
        }
    }

    /** The last lines of its log when it has ended by itself, else empty. */
    String lastWords() {
        try {
            if (process == null || process.isAlive()) {
                return "";
            }
            List<String> lines = Files.readAllLines(directory.resolve("console.log"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    @Override
    public void rabbitmqctl(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(directory.resolve("rabbitmqctl").toString()));
        command.addAll(List.of(arguments));
        try {
            Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (tool.waitFor() != 0) {
                throw new IllegalStateException("rabbitmqctl " + List.of(arguments) + ": " + output);
            }
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException("rabbitmqctl " + List.of(arguments), failed);
        }
    }

    @Override
    public void close() {
        kill();
        if (Files.notExists(directory)) {
            return; // closed before
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException busy) {
            throw new UncheckedIOException(busy);
        }
    }

    /** The script ends in an orderly way what it has started, unless that is killed before. */
    private void end(List<ProcessHandle> killed) {
        Process running = process;
        if (running == null) {
            return;
        }
        process = null;
        killed.forEach(ProcessHandle::destroyForcibly);
        running.destroy();
        try {
            if (!running.waitFor(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the broker in " + directory + " does not end");
            }
            running.getOutputStream().close(); // ends the watcher at the other end of the pipe
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        // Not by the processes: those that are orphans now stay as zombies until the system's init looks after them.
        Awaitility.await("the ports of the broker in " + directory)
                .until(() -> ports.stream().noneMatch(this::taken));
    }

    private boolean taken(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    private static String script() {
        for (Path here = Path.of("").toAbsolutePath(); here != null; here = here.getParent()) {
            Path script = here.resolve("local/rabbitmq");
            if (Files.isExecutable(script)) {
                return script.toString();
            }
        }
        throw new IllegalStateException("no local/rabbitmq above " + Path.of("").toAbsolutePath());
    }
}
