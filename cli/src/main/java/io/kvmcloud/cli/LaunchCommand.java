package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.cli.Output.Done;
import io.kvmcloud.messages.Command.ListTemplates;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import io.kvmcloud.messages.Spelling;
import io.kvmcloud.messages.TemplateRow;
import io.kvmcloud.messages.TemplateView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code launch}: from nothing to instances that answer on SSH. */
@Command(
        name = "launch",
        description = {
            "Create instances, start them and wait until they answer on SSH.",
            "Prints their ids. Your public keys (~/.ssh/id_*.pub and one of our own) may log in."
        },
        footer = {
            "kvm-cloud launch",
            "kvm-cloud launch micro --memory 256M --count 3",
            "kvm-cloud launch -q | xargs -I{} kvm-cloud ssh {} -- uname -a"
        })
final class LaunchCommand implements Callable<Integer> {

    private static final String PREFERRED = "micro";
    private static final MemorySize COMFORTABLE = MemorySize.ofMebibytes(128);
    private static final int MOST = 100;

    private final Cloud cloud;
    private final Output output;
    private final SshKeys keys;

    @Mixin
    private final Results<Done<InstanceView>> results;

    @Mixin
    private final OpId opId = new OpId();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TEMPLATE",
            description = "One of `kvm-cloud templates` (default: micro, or the only one there is).")
    private @Nullable String template;

    @Option(names = "--memory", paramLabel = "SIZE", description = "Like 512M (default: what the template needs).")
    private @Nullable MemorySize memory;

    @Option(
            names = "--cpus",
            paramLabel = "COUNT",
            defaultValue = "1",
            description = "Virtual CPUs, 1 to 256 (default: ${DEFAULT-VALUE}).")
    private int cpus;

    @Option(
            names = "--count",
            paramLabel = "COUNT",
            defaultValue = "1",
            description = "How many, all at once, 1 to 100 (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--ssh-key",
            paramLabel = "FILE",
            description = "A public key that may log in, instead of yours; may be given several times.")
    private List<Path> keyFiles = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long to wait for the guest; it goes on without us (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--no-wait", description = "Do not wait for the guest, only until it runs.")
    private boolean noWait;

    LaunchCommand(Cloud cloud, Output output, SshKeys keys) {
        this.cloud = cloud;
        this.output = output;
        results = new Results<>(output, InstanceColumns::ofDone);
        this.keys = keys;
    }

    @Override
    public Integer call() {
        if (count < 1 || count > MOST || seconds < 1) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "--count is between 1 and " + MOST + ", not " + count + ", --timeout at least 1, not " + seconds,
                    "write it like `kvm-cloud launch micro --count 3`");
        }
        long begun = System.nanoTime();
        TemplateView chosen = choose();
        MemorySize size = memory != null ? memory : atLeast(chosen.minimumMemory());
        List<String> authorized = keyFiles.isEmpty() ? keys.authorized(output) : keys.read(keyFiles);
        NewInstance command = Failures.valid(
                () -> new NewInstance(chosen.name(), size, cpus, authorized),
                "write it like `kvm-cloud launch micro --cpus 1`; --ssh-key names the public half of a key");
        List<Future<Done<InstanceView>>> launches = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Duration patience = noWait ? Duration.ZERO : Duration.ofSeconds(seconds);
            List<Integer> numbers = IntStream.rangeClosed(1, count).boxed().toList();
            for (Integer number : numbers) {
                Op op = opId.op(number, numbers);
                launches.add(threads.submit(
                        () -> new Done<>(new Launch(cloud, output, begun, patience).of(command, op), op.id())));
            }
            return collect(launches);
        }
    }

    /** What becomes of them, in any order; the first failure is the exit code. */
    private int collect(List<Future<Done<InstanceView>>> launches) {
        List<Done<InstanceView>> done = new ArrayList<>();
        int exitCode = 0;
        for (Future<Done<InstanceView>> launch : launches) {
            try {
                done.add(launch.get());
                results.each(done.getLast(), done.getLast().result().id().toString());
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof CommandFailed expected)) {
                    throw new IllegalStateException(failed.getCause());
                }
                Failure failure = expected.failure();
                output.failure(failure, expected.op());
                exitCode = exitCode == 0 ? failure.reason().exitCode() : exitCode;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CommandFailed(
                        Reason.TIMED_OUT,
                        "interrupted before all were launched",
                        "`kvm-cloud instances` shows what became of them",
                        interrupted);
            }
        }
        results.end(done);
        return exitCode;
    }

    private TemplateView choose() {
        List<TemplateView> offered = cloud.ask(new ListTemplates()).templates().stream()
                .map(TemplateRow::template)
                .toList();
        String name = template != null
                ? template
                : offered.size() == 1 ? offered.getFirst().name() : PREFERRED;
        return offered.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        unknown(name, offered.stream().map(TemplateView::name).toList()));
    }

    private CommandFailed unknown(String name, List<String> offered) {
        String there = offered.isEmpty() ? "there are none" : "there are " + String.join(", ", offered);
        return new CommandFailed(
                template == null ? Reason.INVALID : Reason.NOT_FOUND,
                template == null
                        ? "which template? There is no " + name + "; " + there
                        : "no controller offers a template '" + name + "'; " + there,
                Spelling.nearest(name, offered)
                        .map(near -> "did you mean `kvm-cloud launch " + near + "`?")
                        .orElse("`kvm-cloud templates` lists them"));
    }

    private static MemorySize atLeast(MemorySize needed) {
        return needed.compareTo(COMFORTABLE) < 0 ? COMFORTABLE : needed;
    }
}
