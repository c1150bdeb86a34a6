package io.kvmcloud.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of ours as a real process, with its output in a file. */
final class Program {

    private final Process process;
    private final Path log;

    private Program(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** This test's own class path. */
    static final String OURS = System.getProperty("java.class.path");

    /** Starts a main class with this test's class path. */
    static Program start(Path log, Map<String, String> environment, String mainClass, String... arguments) {
        return start(log, environment, command(mainClass, arguments));
    }

    /** Starts any command line. */
    static Program start(Path log, Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            return new Program(builder.start(), log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The command line that runs a main class with this test's class path. */
    static List<String> command(String mainClass, String... arguments) {
        return commandOf(OURS, mainClass, arguments);
    }

    /** The same with any class path. */
    static List<String> commandOf(String classPath, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Ends it with SIGKILL. */
    void kill() {
        process.destroyForcibly();
        waitFor();
    }

    /** Ends it with SIGTERM and waits. */
    void stop() {
        process.destroy();
        waitFor();
    }

    /** Waits for its own end; returns the exit code. */
    int waitFor() {
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("a program did not end within 40 s:\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
