package io.kvmcloud.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the program was started in.
 *
 * @param environment the environment variables
 * @param terminal a person types and reads: stdin and stdout are a terminal
 * @param script stdin holds further command lines, so nothing else may read it
 */
record Surroundings(Map<String, String> environment, boolean terminal, boolean script) {

    /** Those of this process. */
    @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null again when there is no terminal
    static Surroundings ofProcess() {
        Console console = System.console();
        return new Surroundings(System.getenv(), console != null && console.isTerminal(), false);
    }

    /** The same for a line of a script. */
    Surroundings inScript() {
        return new Surroundings(environment, terminal, true);
    }

    /** Where this user's state is. */
    Home home() {
        return Home.of(environment);
    }

    /** True when the terminal understands escape sequences. */
    boolean capable() {
        String type = environment.getOrDefault("TERM", "dumb");
        return terminal && !type.isEmpty() && !type.equals("dumb");
    }

    /** True when text may be coloured (no-color.org). */
    boolean colours() {
        return capable() && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** True when a person could type, though perhaps nobody reads. */
    boolean inputOnTerminal() {
        return terminal || isTerminal(0);
    }

    /** How wide the terminal is that stdout is now; 0 when it is none, or does not tell. */
    int columnsOfResults() {
        return columnsOf(1);
    }

    /** The same of stderr. */
    int columnsOfNotes() {
        return columnsOf(2);
    }

    private static int columnsOf(int descriptor) {
        return isTerminal(descriptor) ? RawTerminal.columns(new File("/proc/self/fd/" + descriptor)) : 0;
    }

    /** True when developers want to see stack traces and logs. */
    boolean debug() {
        return !environment.getOrDefault("KVM_CLOUD_DEBUG", "").isEmpty();
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }
}
