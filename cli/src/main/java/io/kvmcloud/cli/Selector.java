package io.kvmcloud.cli;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Spelling;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a word on a command line means among these instances, decided here and nowhere else: an id, a name, the beginning of
 * either if it is only one's, or a pattern.
 */
record Selector(List<InstanceRow> rows) {

    private static final int MOST_SHOWN = 8;

    /** The id that a word is in full: who is meant is known then without a list. */
    static Optional<InstanceId> id(String word) {
        try {
            return Optional.of(InstanceId.parse(word));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Whether a word may mean several. */
    static boolean isPattern(String word) {
        return word.chars().anyMatch(letter -> "*?[{".indexOf(letter) >= 0);
    }

    /** Whether this word says all of a row's id or name. */
    static boolean isWhole(String word, InstanceView instance) {
        return word.equals(instance.name()) || word.equals(instance.id().toString());
    }

    /** The id, with the name if it has one. */
    static String label(InstanceView instance) {
        return instance.id() + (instance.name().isEmpty() ? "" : " " + instance.name());
    }

    /**
     * The one instance that is meant.
     *
     * @throws CommandFailed {@link Reason#NOT_FOUND}, or {@link Reason#INVALID} with all when there are several
     */
    InstanceRow one(String word) {
        List<InstanceRow> found = all(word);
        if (found.size() > 1) {
            throw several("matches", word, found, "one is wanted here");
        }
        return found.getFirst();
    }

    /**
     * All instances that are meant: one, or those that a pattern matches.
     *
     * @throws CommandFailed {@link Reason#NOT_FOUND} when there is none, {@link Reason#INVALID} when it cannot be told which
     */
    List<InstanceRow> all(String word) {
        if (word.isBlank()) {
            throw new CommandFailed(
                    Reason.INVALID, "'" + word + "' means no instance", "write an id like s1/1000, or a name");
        }
        if (isPattern(word)) {
            return matching(word);
        }
        List<InstanceRow> whole = those(row -> isWhole(word, row.instance()));
        List<InstanceRow> found = whole.isEmpty() && id(word).isEmpty()
                ? those(row -> row.instance().id().toString().startsWith(word)
                        || row.instance().name().startsWith(word))
                : whole;
        if (found.size() > 1) {
            throw whole.isEmpty()
                    ? several(
                            "is the beginning of", word, found, "write more of it, or `" + word + "*` for all of them")
                    : several("is the name of", word, found, "write the id of the one you mean");
        }
        if (found.isEmpty()) {
            throw none(word);
        }
        return found;
    }

    /** With a slash it is compared with ids, and without one with names. */
    private List<InstanceRow> matching(String word) {
        PathMatcher pattern;
        try {
            pattern = FileSystems.getDefault().getPathMatcher("glob:" + word);
        } catch (PatternSyntaxException malformed) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "'" + Output.plain(word) + "' is no pattern: " + malformed.getDescription(),
                    "patterns are written like 's1/*' and 'web-?'",
                    malformed);
        }
        boolean ofIds = word.contains("/");
        List<InstanceRow> found = those(row -> pattern.matches(
                Path.of(ofIds ? row.instance().id().toString() : row.instance().name())));
        if (found.isEmpty()) {
            throw new CommandFailed(
                    Reason.NOT_FOUND,
                    "no instance " + (ofIds ? "has an id" : "has a name") + " like '" + Output.plain(word) + "'",
                    "`kvm-cloud instances` lists them; 's1/*' is for ids, 'web-*' for names");
        }
        return found;
    }

    private List<InstanceRow> those(Predicate<InstanceRow> meant) {
        return rows.stream().filter(meant).toList();
    }

    private static CommandFailed several(String how, String word, List<InstanceRow> found, String hint) {
        String some = found.stream()
                .limit(MOST_SHOWN)
                .map(row -> label(row.instance()))
                .collect(Collectors.joining(", "));
        String more = found.size() > MOST_SHOWN ? ", …" : "";
        return new CommandFailed(
                Reason.INVALID, "'" + word + "' " + how + " " + found.size() + " instances: " + some + more, hint);
    }

    private CommandFailed none(String word) {
        List<String> known = rows.stream()
                .flatMap(row ->
                        Stream.of(row.instance().id().toString(), row.instance().name()))
                .filter(name -> !name.isEmpty())
                .toList();
        return new CommandFailed(
                Reason.NOT_FOUND,
                "there is no instance " + (id(word).isPresent() ? word : "'" + Output.plain(word) + "'"),
                Spelling.nearest(word, known)
                        .map(near -> "did you mean `" + near + "`? `kvm-cloud instances` lists all")
                        .orElse("`kvm-cloud instances` lists all"));
    }
}
