package io.kvmcloud.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Signals that Java cannot send. */
public final class Signals {

    private Signals() {}

    /** Sends STOP, CONT or KILL; who is gone already does not get it. */
    public static void send(String signal, List<Long> pids) {
        if (pids.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("kill", "-s", signal));
        pids.forEach(pid -> command.add(pid.toString()));
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }
}
