package io.kvmcloud.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Ends everything the bench started, at the latest when the bench itself is gone, however that ended: a shell at the other
 * end of a pipe. Whose environment carries the mark is ours, guests that outlived their controller included.
 */
public final class Keeper implements AutoCloseable {

    private static final String MARK = "KVM_CLOUD_CHAOS";

    private static final String WAIT_AND_END = """
            cat >/dev/null
            for process in /proc/[0-9]*; do
              if tr '\\0' '\\n' <"$process/environ" | grep -qxF "$1"; then kill -KILL "${process#/proc/}"; fi
            done 2>/dev/null
            """;

    private final Process shell;

    /** @param scratch the run's own directory, by which its processes are told from those of any other run */
    public Keeper(Path scratch) {
        try {
            shell = new ProcessBuilder("bash", "-c", WAIT_AND_END, "keeper", MARK + "=" + scratch)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    /** What the environment of every process must have. */
    public static Map<String, String> mark(Path scratch) {
        return Map.of(MARK, scratch.toString());
    }

    @Override
    public void close() {
        try {
            shell.getOutputStream().close();
        } catch (IOException _) {
            // It has ended, and all of ours with it.
        }
        shell.onExit().join();
    }
}
