package io.kvmcloud.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ssh}: into an instance, as soon as it lets us. */
@Command(
        name = "ssh",
        description = {
            "Log in to an instance, or run a command in it: `kvm-cloud ssh s1/1000 -- uname -a`.",
            "Waits for a guest that is still booting. The exit code is the guest's."
        },
        footer = {"kvm-cloud ssh s1/1000", "kvm-cloud ssh s1/1000 -- uname -a"})
final class SshCommand implements Callable<Integer> {

    @Mixin
    private final WayIn way;

    @Mixin
    private final OneInstance instance = new OneInstance();

    @Parameters(index = "1..*", paramLabel = "-- CMD", description = "What to run in it.")
    private List<String> command = List.of();

    SshCommand(Cloud cloud, Output output, Surroundings surroundings) {
        way = new WayIn(cloud, output, surroundings);
    }

    @Override
    public Integer call() {
        return way.ssh(way.await(instance.word()), command);
    }
}
