package io.kvmcloud.bench.speed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One call of the command line, as a person's shell does it, its output going to a file.
 *
 * @param wall seconds until it ended
 * @param cpu seconds of processor, all of the process
 * @param lines it wrote
 */
record CliRun(double wall, double cpu, int lines) {

    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** The shell tells what a child has used, which Java does not. */
    private static final String TIMED = "TIMEFORMAT='%R %U %S'; time \"$@\" >\"$0\"";

    /** The middle one, by wall time, of some calls. */
    static CliRun median(Lab lab, Path root, int calls, String... words) throws IOException {
        List<CliRun> runs = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            runs.add(of(lab, root, words));
        }
        runs.sort((one, other) -> Double.compare(one.wall, other.wall));
        return runs.get(calls / 2);
    }

    /** Records a start, if that has not happened since the build: each later one takes half the time. */
    static void learnToStart(Lab lab, Path root) throws IOException {
        ProcessBuilder learning = lab.process(
                        List.of(root.resolve("local/learn").toString()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        learning.environment().putAll(lab.operator());
        await(learning.start());
    }

    private static CliRun of(Lab lab, Path root, String... words) throws IOException {
        Path output = lab.scratch().resolve("cli.out");
        Path times = lab.scratch().resolve("cli.times");
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                TIMED,
                output.toString(),
                root.resolve("kvm-cloud").toString()));
        command.addAll(List.of(words));
        ProcessBuilder timed = lab.process(command).redirectError(times.toFile());
        timed.environment().putAll(lab.operator());
        timed.environment().put("LC_ALL", "C.UTF-8");
        await(timed.start());
        List<String> said = Files.readAllLines(times);
        String[] seconds = said.getLast().split(" ", -1);
        return new CliRun(
                Double.parseDouble(seconds[0]),
                Double.parseDouble(seconds[1]) + Double.parseDouble(seconds[2]),
                Files.readAllLines(output).size());
    }

    private static void await(Process process) throws IOException {
        try {
            if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                process.destroy();
                throw new IOException("the command line took longer than " + LONGEST);
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new IOException(asked);
        }
    }
}
