package io.kvmcloud.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** {@code shell}: the verbs at a prompt, or from the lines of a file on stdin. */
@Command(
        name = "shell",
        description = "Type verbs at a prompt, or read them from stdin; the start without a verb does the same.",
        footer = {"kvm-cloud shell", "kvm-cloud shell <commands.txt"})
final class ShellCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;
    private final Surroundings surroundings;

    @Spec
    private @Nullable CommandSpec spec;

    ShellCommand(Cloud cloud, Output output, Surroundings surroundings) {
        this.cloud = cloud;
        this.output = output;
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        return run(Arguments.given(spec).root());
    }

    /** Runs with what was given to the outer command line as the defaults of each line. */
    int run(CommandSpec outer) {
        Map<String, String> given = new HashMap<>();
        for (OptionSpec option : outer.options()) {
            Object value = option.getValue();
            if (value != null && option.arity().min() > 0) {
                given.put(option.longestName(), value.toString());
            }
        }
        if (surroundings.capable()) {
            var names = new LiveNames(cloud);
            names.warmUp();
            var completion = new Completion(line(given, surroundings), names);
            try (var prompt = Prompt.here(surroundings.home(), completion)) {
                new Shell(() -> line(given, surroundings), output).run(prompt);
                return 0; // whoever typed the lines has seen what failed
            }
        }
        Surroundings inside = surroundings.terminal() ? surroundings : surroundings.inScript();
        var stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        return new Shell(() -> line(given, inside), output).run(() -> next(stdin));
    }

    private CommandLine line(Map<String, String> given, Surroundings inside) {
        return KvmCloud.commandLine(cloud, output, inside)
                .setDefaultValueProvider(
                        argument -> argument instanceof OptionSpec option ? given.get(option.longestName()) : null);
    }

    private String next(BufferedReader stdin) throws Shell.End {
        if (surroundings.terminal()) {
            output.prompt(Prompt.TEXT);
        }
        try {
            String line = stdin.readLine();
            if (line == null) {
                throw new Shell.End();
            }
            return line;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
