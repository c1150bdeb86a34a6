package io.kvmcloud.cli;

import io.kvmcloud.cli.OpId.Op;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The instances to which a verb does something. */
final class Targets {

    private final Cloud cloud;
    private final Output output;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec verb;

    @Parameters(
            paramLabel = "ID",
            arity = "0..*",
            description = "Ids, names, the beginning of one, or patterns: s1/1000 web-1 's2/*' 'web-*'.")
    private List<String> words = List.of();

    @Option(names = "--all", description = "All instances there are.")
    private boolean all;

    @Option(names = "--dry-run", description = "Only show which instances are meant.")
    private boolean dryRun;

    Targets(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    /** As they were typed. */
    List<String> words() {
        return words;
    }

    /** Does it to each; the exit code. What a word means that cannot be told is said, and the others are gone on with. */
    <R> int each(EachInstance<R> each, OpId opId, BiFunction<InstanceId, Op, R> work) {
        return each(each, opId, _ -> {}, work);
    }

    /**
     * The same for what cannot be undone.
     *
     * @param consent asked before about those instances that nobody has named in full; throws if it is not given
     */
    <R> int each(
            EachInstance<R> each, OpId opId, Consumer<List<InstanceRow>> consent, BiFunction<InstanceId, Op, R> work) {
        String name = Arguments.given(verb).name();
        if (all == !words.isEmpty()) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "'" + name + "' needs " + (all ? "either ID or --all, not both" : "ID or --all"),
                    "write it like `kvm-cloud " + name + " ID…`; `kvm-cloud help " + name + "` tells all");
        }
        Found found = find();
        if (dryRun) {
            if (each.results().quiet()) {
                output.text(found.ids.stream().map(id -> id + "\n").collect(Collectors.joining()));
            } else {
                output.result(found.rows(), found.lines(name));
            }
            return found.exitCode;
        }
        List<InstanceRow> guessed = found.listed.values().stream()
                .filter(row -> words.stream().noneMatch(word -> Selector.isWhole(word, row.instance())))
                .toList();
        if (!guessed.isEmpty()) {
            consent.accept(guessed);
        } else if (all) {
            output.note("no instances");
        }
        boolean alone = words.size() == 1 && !Selector.isPattern(words.getFirst());
        int exitCode = each.call(opId, List.copyOf(found.ids), alone, work);
        return found.exitCode == 0 ? exitCode : found.exitCode;
    }

    /** What the words came to. */
    private static final class Found {
        final Set<InstanceId> ids = new LinkedHashSet<>();
        /** Those of them that were looked up. */
        final Map<InstanceId, InstanceRow> listed = new LinkedHashMap<>();

        int exitCode;

        void add(InstanceRow row) {
            ids.add(row.instance().id());
            listed.put(row.instance().id(), row);
        }

        List<InstanceRow> rows() {
            return List.copyOf(listed.values());
        }

        String lines(String verb) {
            return rows().stream()
                    .map(row -> "would " + verb + " " + Selector.label(row.instance()) + " ("
                            + InstancesCommand.status(row) + ")\n")
                    .collect(Collectors.joining());
        }
    }

    private Found find() {
        Found found = new Found();
        boolean known = !all
                && !dryRun
                && words.stream().allMatch(word -> Selector.id(word).isPresent());
        var selector = new Selector(known ? List.of() : cloud.instances());
        if (all) {
            selector.rows().forEach(found::add);
        }
        for (String word : words) {
            Optional<InstanceId> id = dryRun ? Optional.empty() : Selector.id(word);
            try {
                // Whether one of this id is there, its controller knows better than a list.
                id.ifPresentOrElse(
                        found.ids::add,
                        () -> selector.all(word).forEach(row -> {
                            found.add(row);
                            tell(word, row.instance());
                        }));
            } catch (CommandFailed unclear) {
                output.failure(unclear.failure(), "");
                found.exitCode =
                        found.exitCode == 0 ? unclear.failure().reason().exitCode() : found.exitCode;
            }
        }
        return found;
    }

    /** Who was taken to be meant by the beginning of a name. */
    private void tell(String word, InstanceView instance) {
        if (!Selector.isPattern(word) && !Selector.isWhole(word, instance)) {
            output.note("'" + word + "' is " + Selector.label(instance));
        }
    }
}
