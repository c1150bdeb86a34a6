package io.kvmcloud.journey;

import io.kvmcloud.amqp.FreePorts;
import io.kvmcloud.amqp.Requester;
import io.kvmcloud.amqp.TestBroker;
import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.ListControllers;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A manager and controllers as real processes at a real broker, and the CLI as its user runs it. Ends all it started. */
final class RunningCloud implements AutoCloseable {

    private static final int SSH_PORTS = 20;

    /** Ages are told in tenths of a second. */
    private static final double ROUNDED = 0.1;

    private final TestBroker broker;
    private final Path directory;
    private final Path templates;
    private final Map<String, Program> programs = new HashMap<>();
    private final Map<String, Long> started = new HashMap<>();
    private final Map<String, String> releases = new HashMap<>();
    private final Map<String, Integer> sshPorts = new HashMap<>();

    RunningCloud(TestBroker broker, Path directory) {
        this.broker = broker;
        this.directory = directory;
        this.templates = MicroTemplate.built().getParent();
        try {
            Files.createDirectories(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What a command of the CLI printed and how it ended. */
    record Result(int exit, String out, String err) {}

    /** From now on this program, or {@code cli}, is the one on this class path. */
    void release(String program, String classPath) {
        releases.put(program, classPath);
    }

    Program startManager(String name) {
        Program manager = start(
                name,
                "io.kvmcloud.manager.Manager",
                List.of(
                        "--name",
                        name,
                        "--amqp",
                        broker.uri("kvm-manager"),
                        "--password-file",
                        broker.passwordFile("kvm-manager").toString()));
        return manager;
    }

    /** Starts a controller with its directory and ports of before; returns when the manager has heard of it. */
    Program startController(String name, long firstId, String... more) {
        Program controller = beginController(name, firstId, more);
        awaitController(name);
        return controller;
    }

    /** Returns when the manager has heard of this life of a controller: one that was killed is reachable for some seconds more. */
    void awaitController(String name) {
        await("controller " + name, () -> {
            // Before asking, or what was heard long ago would seem to be young when the answer is slow.
            double seconds = (System.nanoTime() - started.get(name)) / 1e9;
            return ask(new ListControllers()).controllers().stream()
                    .filter(row -> row.controller().name().value().equals(name))
                    .anyMatch(row -> row.reachable() && row.ageSeconds() + ROUNDED < seconds);
        });
    }

    /** Returns when the manager lists an instance like this. */
    void awaitInstance(String id, Predicate<InstanceRow> like) {
        await(
                "instance " + id,
                () -> instances().stream()
                        .anyMatch(row -> row.instance().id().toString().equals(id) && like.test(row)));
    }

    /** Asks without a CLI, whose start would be most of the work; nobody may be there yet to answer. */
    private void await(String what, Callable<Boolean> there) {
        try {
            Awaitility.await(what)
                    .atMost(Duration.ofSeconds(90))
                    .ignoreExceptionsInstanceOf(CommandFailed.class)
                    .until(there);
        } catch (ConditionTimeoutException late) {
            programs.forEach((name, program) -> System.err.println("log of " + name + ":\n" + program.output()));
            throw late;
        }
    }

    /** Starts a controller and does not wait for it; {@code more} are options that replace ours. */
    Program beginController(String name, long firstId, String... more) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("--name", name);
        options.put("--amqp", broker.uri(name));
        options.put("--password-file", broker.passwordFile(name).toString());
        options.put("--work-dir", workDirectory(name).toString());
        options.put("--template-dir", templates.toString());
        options.put("--first-id", Long.toString(firstId));
        options.put(
                "--first-ssh-port",
                Integer.toString(sshPorts.computeIfAbsent(
                        name, _ -> FreePorts.take(SSH_PORTS).getFirst())));
        options.put("--ssh-ports", Integer.toString(SSH_PORTS));
        options.put("--accelerator", "tcg");
        options.put("--memory", "2G");
        for (int each = 0; each < more.length; each += 2) {
            options.put(more[each], more[each + 1]);
        }
        return start(
                name,
                "io.kvmcloud.controller.Controller",
                options.entrySet().stream()
                        .flatMap(option -> Stream.of(option.getKey(), option.getValue()))
                        .toList());
    }

    Path workDirectory(String controller) {
        return directory.resolve(controller);
    }

    Program program(String name) {
        return programs.get(name);
    }

    int firstSshPort(String controller) {
        return sshPorts.get(controller);
    }

    /** Runs the CLI as a process of its own. */
    Result cli(String... arguments) {
        return cliWithInput("", arguments);
    }

    /** The same with something on its standard input. */
    Result cliWithInput(String input, String... arguments) {
        return run(cliCommand(arguments), input);
    }

    /** The command line that runs it; {@link #run} has the environment for it. */
    List<String> cliCommand(String... arguments) {
        return releases.containsKey("cli")
                ? Program.commandOf(releases.get("cli"), "io.kvmcloud.cli.KvmCloud", arguments)
                : QuickCli.command(learning -> run(learning, ""), arguments);
    }

    /** Runs any program with the environment of the CLI. */
    Result run(List<String> command, String input) {
        try {
            Path out = Files.createTempFile(directory, "out", "");
            Path err = Files.createTempFile(directory, "err", "");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().put("KVM_CLOUD_AMQP", broker.uri("operator"));
            builder.environment()
                    .put(
                            "KVM_CLOUD_PASSWORD_FILE",
                            broker.passwordFile("operator").toString());
            builder.environment()
                    .put("KVM_CLOUD_HOME", directory.resolve("home").toString());
            Process process = builder.start();
            try (var stdin = process.outputWriter(StandardCharsets.UTF_8)) {
                stdin.write(input);
            } catch (IOException _) {
                // It ended without reading.
            }
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within 180 s: " + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** The list as the manager has it now, without the start of a CLI. */
    List<InstanceRow> instances() {
        return ask(new ListInstances()).instances();
    }

    private <R extends Reply> R ask(Command<R> command) {
        try (Requester requester = Requester.open(broker.address("operator"), "kvm-cli test", "kvm-test/1")) {
            return requester.ask(command, Duration.ofSeconds(10));
        }
    }

    /** The QEMU processes that run under this cloud's directories. */
    Stream<ProcessHandle> guests() {
        return guests(directory + "/");
    }

    /** The QEMU process of one instance, if it runs. */
    Optional<ProcessHandle> guest(String id) {
        String[] parts = id.split("/");
        return guests(workDirectory(parts[0]) + "/instances/" + parts[1] + "/").findFirst();
    }

    private static Stream<ProcessHandle> guests(String within) {
        return ProcessHandle.allProcesses().filter(process -> {
            String line = commandLine(process.pid());
            return line.contains("qemu-system") && line.contains(within);
        });
    }

    /** All of it; {@code ProcessHandle.Info} leaves out one as long as QEMU's. */
    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    @Override
    public void close() {
        programs.values().stream().filter(Program::isAlive).forEach(Program::kill);
        guests().forEach(ProcessHandle::destroyForcibly);
    }

    private Program start(String name, String mainClass, List<String> arguments) {
        String classPath = releases.getOrDefault(name, Program.OURS);
        Program program = Program.start(
                directory.resolve(name + ".log"),
                Map.of(),
                Program.commandOf(classPath, mainClass, arguments.toArray(String[]::new)));
        Program before = programs.put(name, program);
        started.put(name, System.nanoTime());
        if (before != null && before.isAlive()) {
            before.kill();
            throw new IllegalStateException(name + " was running already");
        }
        return program;
    }
}
