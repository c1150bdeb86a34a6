package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.Ping;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ping}: is a manager there, and how long does a question take? */
@Command(name = "ping", description = "Ask whether a manager is there.", footer = "kvm-cloud ping")
final class PingCommand implements Callable<Integer> {

    private final Cloud cloud;

    @Mixin
    private final Results<Answer> results;

    PingCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        results = new Results<>(output, PingCommand::columns);
    }

    private static Columns<Answer> columns() {
        return new Columns<Answer>()
                .with("manager", "manager", Answer::manager)
                .with("milliseconds", "milliseconds", Answer::milliseconds);
    }

    /** What was found out. */
    private record Answer(String manager, double milliseconds) {}

    @Override
    public Integer call() {
        cloud.ask(new Ping()); // connects
        long start = System.nanoTime();
        String manager = cloud.ask(new Ping()).manager();
        double milliseconds =
                Math.round(Duration.ofNanos(System.nanoTime() - start).toNanos() / 1e4) / 100.0;
        results.one(new Answer(manager, milliseconds), "manager " + manager + " answers in " + milliseconds + " ms");
        return 0;
    }
}
