package io.kvmcloud.journey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The programs of the release before this one, built from this repository's own history. */
final class PreviousRelease {

    private static final Path ROOT = Path.of(System.getProperty("kvm.root"));
    private static final Pattern RELEASE = Pattern.compile("([0-9a-f]{40}) Release \\d+\\.\\d+\\.\\d+");

    private PreviousRelease() {}

    /**
     * Its commit: the newest tag of a version that is behind us, or, in a clone without tags, the newest commit that says
     * "Release X.Y.Z". A release itself is compared with the one before it.
     */
    static Optional<String> commit() {
        if (!Files.exists(ROOT.resolve(".git"))) {
            return Optional.empty();
        }
        List<String> tag = lines("git", "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD~1");
        if (!tag.isEmpty()) {
            return lines("git", "rev-parse", tag.getFirst() + "^{commit}").stream()
                    .findFirst();
        }
        return lines("git", "log", "--format=%H %s", "HEAD~1").stream()
                .map(RELEASE::matcher)
                .filter(line -> line.matches())
                .map(line -> line.group(1))
                .findFirst();
    }

    /** The class path of its programs; builds them once into {@code target/previous-release}. */
    static String classPath(String commit) {
        Path built = ROOT.resolve("target/previous-release").resolve(commit);
        if (!Files.exists(built.resolve("built"))) {
            run("rm", "-rf", built.toString());
            run("mkdir", "-p", built.toString());
            run("sh", "-c", "git archive \"$0\" | tar -x -C \"$1\"", commit, built.toString());
            run(
                    built.resolve("local/build").toString(),
                    built.resolve("build.log").toString());
            run("touch", built.resolve("built").toString());
        }
        return built.resolve("target/lib") + "/*";
    }

    /** What a command prints; nothing when it fails. */
    private static List<String> lines(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(ROOT.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            List<String> lines = process.inputReader().lines().toList();
            return process.waitFor() == 0 ? lines : List.of();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static void run(String... command) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(ROOT.toFile()).redirectErrorStream(true);
            builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"); // in half the time
            Process process = builder.start();
            process.getOutputStream().close();
            String said = process.inputReader().readAllAsString();
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + " failed: " + said);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }
}
