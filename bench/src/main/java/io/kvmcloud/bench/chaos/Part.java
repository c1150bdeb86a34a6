package io.kvmcloud.bench.chaos;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process of the cloud that is ended, stopped and started again. Thread-safe.
 *
 * <p>A broker is a script with children, which share its fate; a controller's children are guests, which do not.
 */
final class Part {

    private final String name;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private final boolean withChildren;
    private @Nullable Process process;

    Part(String name, List<String> command, Map<String, String> environment, Path log, boolean withChildren) {
        this.name = name;
        this.command = command;
        this.environment = environment;
        this.log = log;
        this.withChildren = withChildren;
    }

    /** Starts it, also again. */
    synchronized void start() {
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
    synchronized void kill() {
        processes().forEach(ProcessHandle::destroyForcibly);
        if (process != null) {
            process.onExit().join();
        }
    }

    /** SIGSTOP: it is there, takes connections, and says nothing. */
    synchronized void stop() {
        signal("STOP");
    }

    /** SIGCONT. */
    synchronized void goOn() {
        signal("CONT");
    }

    synchronized boolean alive() {
        return process != null && process.isAlive();
    }

    /** Where all it says is. */
    Path log() {
        return log;
    }

    @Override
    public String toString() {
        return name;
    }

    private void signal(String signal) {
        Signals.send(signal, processes().stream().map(ProcessHandle::pid).toList());
    }

    private List<ProcessHandle> processes() {
        if (process == null || !process.isAlive()) {
            return List.of();
        }
        Stream<ProcessHandle> children = withChildren ? process.descendants() : Stream.empty();
        return Stream.concat(Stream.of(process.toHandle()), children).toList();
    }
}
