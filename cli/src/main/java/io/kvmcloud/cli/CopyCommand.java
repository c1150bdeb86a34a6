package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import java.util.List;
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

    private static final String HINT = "write it like `kvm-cloud cp FILE ID:PATH` or `kvm-cloud cp ID:PATH FILE`";

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
    }

    @Override
    public Integer call() {
        List<Place> places = paths.stream().map(Place::of).toList();
        InstanceView instance = way.await(theInstance(places));
        return way.copy(
                instance,
                recursive,
                places.stream()
                        .map(place -> place.isHere() ? place.path() : SshClient.alias(instance) + ":" + place.path())
                        .toList());
    }

    private static String theInstance(List<Place> places) {
        List<String> ids = places.stream()
                .filter(place -> !place.isHere())
                .map(Place::id)
                .distinct()
                .toList();
        if (ids.isEmpty()) {
            throw new CommandFailed(Reason.INVALID, "none of these paths is in an instance", HINT);
        }
        if (ids.size() > 1) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "these paths are in " + ids.size() + " instances, " + String.join(", ", ids),
                    "copy from the one to here, then from here to the other");
        }
        boolean toHere = places.getLast().isHere();
        if (places.subList(0, places.size() - 1).stream().anyMatch(source -> source.isHere() == toHere)) {
            throw new CommandFailed(
                    Reason.INVALID, "files go from here to " + ids.getFirst() + " or from there to here", HINT);
        }
        return ids.getFirst();
    }

    /** A path as it was typed, without what is before its colon: the instance it is in, or empty when it is here. */
    private record Place(String id, String path) {

        /** What ids and names are made of; a file with such a name is written ./NAME. */
        private static final Pattern REMOTE = Pattern.compile("(?<id>[a-z0-9][a-z0-9/-]*):(?<path>.*)", Pattern.DOTALL);

        static Place of(String word) {
            Matcher remote = REMOTE.matcher(word);
            return remote.matches() ? new Place(remote.group("id"), remote.group("path")) : new Place("", word);
        }

        boolean isHere() {
            return id.isEmpty();
        }
    }
}
