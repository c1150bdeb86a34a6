package io.kvmcloud.bench.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process of the cloud that is ended, stopped and started again. Thread-safe.
 *
 * <p>A broker is a script with children, which share its fate; a controller's children are guests, which do not.
 */
public final class Part {

    private final String name;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private final boolean withChildren;
    private @Nullable Process process;

    public Part(String name, List<String> command, Map<String, String> environment, Path log, boolean withChildren) {
        this.name = name;
        this.command = command;
        this.environment = environment;
        this.log = log;
        this.withChildren = withChildren;
    }

    /** Starts it, also again. */
    public synchronized void start() {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** SIGKILL. */
    public synchronized void kill() {
        processes().toList().forEach(ProcessHandle::destroyForcibly);
        if (process != null) {
            process.onExit().join();
        }
    }

    /** SIGSTOP: it is there, takes connections, and says nothing. */
    public synchronized void stop() {
        signal("STOP");
    }

    /** SIGCONT. */
    public synchronized void goOn() {
        signal("CONT");
    }

    public synchronized boolean alive() {
        return process != null && process.isAlive();
    }

    /** SIGTERM, and waits for the end. */
    public synchronized void end() {
        if (process != null) {
            process.destroy();
            process.onExit().join();
        }
    }

    /** What it and its children have used of the processors so far. */
    public synchronized Duration cpu() {
        return processes()
                .map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Of its processes: the one that was started and, of a broker, its children. */
    public synchronized List<Long> pids() {
        return processes().map(ProcessHandle::pid).toList();
    }

    /** Where all it says is. */
    public Path log() {
        return log;
    }

    @Override
    public String toString() {
        return name;
    }

    private void signal(String signal) {
        Signals.send(signal, pids());
    }

    private Stream<ProcessHandle> processes() {
        if (process == null || !process.isAlive()) {
            return Stream.empty();
        }
        Stream<ProcessHandle> children = withChildren ? process.descendants() : Stream.empty();
        return Stream.concat(Stream.of(process.toHandle()), children);
    }
}
