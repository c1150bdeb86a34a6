package io.kvmcloud.cli;

import io.kvmcloud.amqp.Users;
import io.kvmcloud.messages.CommandFailed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code user rm}: takes people's access away. */
@Command(
        name = "rm",
        description = "Remove users; RabbitMQ ends their connections.",
        footer = "kvm-cloud user rm alice")
final class UserRemoveCommand implements Callable<Integer> {

    private final Output output;

    /**
     * What is gone.
     *
     * @param name what it logged in as
     */
    private record Removed(String name) {}

    @Mixin
    private final UserCommand.Administration administration;

    @Mixin
    private final Results<Removed> results;

    @Parameters(paramLabel = "USER", arity = "1..*", description = "One or several of `kvm-cloud user list`.")
    private List<String> names = List.of();

    UserRemoveCommand(Cloud cloud, Output output) {
        this.output = output;
        administration = new UserCommand.Administration(cloud);
        results = new Results<>(output, () -> new Columns<Removed>().with("name", "user", Removed::name));
    }

    @Override
    public Integer call() {
        Users users = administration.users();
        Set<String> wanted = new LinkedHashSet<>(names);
        List<Removed> removed = new ArrayList<>();
        int exitCode = 0;
        for (String name : wanted) {
            try {
                users.remove(name);
                removed.add(new Removed(name));
                results.each(removed.getLast(), wanted.size() == 1 ? "OK" : name + " OK");
            } catch (CommandFailed failed) {
                output.failure(failed.failure(), "");
                exitCode = exitCode == 0 ? failed.failure().reason().exitCode() : exitCode;
            }
        }
        results.end(removed);
        return exitCode;
    }
}
