package io.kvmcloud.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The CLI as {@code ./kvm-cloud} starts it: with the classes as an earlier start has left them (JEP 514), which takes half the
 * CPU. Learnt once in each JVM of tests, since they start it more than a hundred times.
 */
final class QuickCli {

    /** No directories: a cache takes none. */
    private static final String JARS = Stream.of(Program.OURS.split(":"))
            .filter(each -> each.endsWith(".jar"))
            .collect(Collectors.joining(":"));

    private static @Nullable Path cache;

    private QuickCli() {}

    /**
     * The command line that runs it.
     *
     * @param learn runs what is learnt from, with a broker to ask
     */
    static synchronized List<String> command(Consumer<List<String>> learn, String... arguments) {
        if (cache == null) {
            cache = newFile();
            learn.accept(with("-XX:AOTCacheOutput=" + cache, "io.kvmcloud.cli.Rehearsal"));
        }
        return with("-XX:AOTCache=" + cache, "io.kvmcloud.cli.KvmCloud", arguments);
    }

    private static List<String> with(String option, String mainClass, String... arguments) {
        List<String> command = Program.commandOf(JARS, mainClass, arguments);
        command.addAll(1, List.of(option, "-Xlog:aot=off", "-Xlog:cds=off"));
        return command;
    }

    private static Path newFile() {
        try {
            Path file = Files.createTempFile("kvm-cloud", ".aot");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
