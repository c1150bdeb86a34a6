package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.Ping;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code ping}: is a manager there, and how long does a question take? */
@Command(name = "ping", description = "Ask whether a manager is there.")
final class PingCommand implements Callable<Integer> {

    private final Cloud cloud;
    private final Output output;

    PingCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    /** The result as JSON. */
    private record Answer(String manager, double milliseconds) {}

    @Override
    public Integer call() {
        cloud.ask(new Ping()); // connects
        long start = System.nanoTime();
        String manager = cloud.ask(new Ping()).manager();
        double milliseconds =
                Math.round(Duration.ofNanos(System.nanoTime() - start).toNanos() / 1e4) / 100.0;
        output.result(new Answer(manager, milliseconds), "manager " + manager + " answers in " + milliseconds + " ms");
        return 0;
    }
}
