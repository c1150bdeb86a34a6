package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cp}: files into an instance, or out of it. */
@Command(
        name = "cp",
        description = {
            "Copy files to an instance, or from it; a path in one is written ID:PATH.",
            "A path there without a slash at its beginning is below its user's home. Waits for a guest that is still booting."
        },
        footer = {
            "kvm-cloud cp notes.txt s1/1000:",
            "kvm-cloud cp -r site web:/srv",
            "kvm-cloud cp s1/1000:/etc/hostname ."
        })
final class CopyCommand implements Callable<Integer> {

    /** What ids and names are made of; a file with such a name is written ./NAME. */
    private static final Pattern REMOTE = Pattern.compile("(?<id>[a-z0-9][a-z0-9/-]*):(?<path>.*)", Pattern.DOTALL);

    private static final String HINT = "write it like `kvm-cloud cp FILE ID:PATH` or `kvm-cloud cp ID:PATH FILE`";

    private final Surroundings surroundings;

    @Option(
            names = {"-r", "--recursive"},
            description = "Directories with all that is in them.")
    private boolean recursive;

    @Mixin
    private final WayIn way;

    @Parameters(arity = "2..*", paramLabel = "PATH", description = "From where; the last one is to where.")
    private List<String> paths = List.of();

    CopyCommand(Cloud cloud, Output output, Surroundings surroundings) {
        way = new WayIn(cloud, output, surroundings);
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        InstanceView instance = way.await(theInstance());
        SshClient scp = way.client("scp");
        List<String> words = paths.stream()
                .map(path -> remote(path)
                        .map(there -> SshClient.alias(instance) + ":" + there.group("path"))
                        .orElse(path))
                .toList();
        return scp.run(
                scp.copying(instance, way.user(instance), way.canAsk(), recursive, words), surroundings.script());
    }

    private String theInstance() {
        List<String> ids = paths.stream()
                .flatMap(path -> remote(path).stream())
                .map(there -> there.group("id"))
                .distinct()
                .toList();
        long there = paths.stream().filter(path -> remote(path).isPresent()).count();
        boolean to = remote(paths.getLast()).isPresent();
        if (ids.isEmpty()) {
            throw new CommandFailed(Reason.INVALID, "none of these paths is in an instance", HINT);
        }
        if (ids.size() > 1) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "these paths are in " + ids.size() + " instances, " + String.join(", ", ids),
                    "copy from the one to here, then from here to the other");
        }
        if (there != (to ? 1 : paths.size() - 1)) {
            throw new CommandFailed(
                    Reason.INVALID, "files go from here to " + ids.getFirst() + " or from there to here", HINT);
        }
        return ids.getFirst();
    }

    private static Optional<Matcher> remote(String path) {
        Matcher matcher = REMOTE.matcher(path);
        return matcher.matches() ? Optional.of(matcher) : Optional.empty();
    }
}
