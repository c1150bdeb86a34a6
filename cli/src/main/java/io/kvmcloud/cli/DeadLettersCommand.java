package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.DropDeadLetters;
import io.kvmcloud.messages.Command.ListDeadLetters;
import io.kvmcloud.messages.Command.RequeueDeadLetters;
import io.kvmcloud.messages.Command.ShowDeadLetter;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DeadLetter;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.DeadLetterList;
import io.kvmcloud.messages.Reply.DeadLetterShown;
import io.kvmcloud.messages.Reply.DeadLettersSettled;
import io.kvmcloud.messages.Reply.DeadLettersSettled.Refused;
import io.kvmcloud.messages.Reply.Failure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dead-letters}: the messages nobody could handle. */
@Command(
        name = "dead-letters",
        description = "List the messages that nobody could handle; show one, send them again, drop them.",
        footer = {"kvm-cloud dead-letters", "kvm-cloud dead-letters show 5e0c9a71"})
final class DeadLettersCommand implements Callable<Integer>, WordsBelow {

    /** Looking through a thousand letters takes a manager a while. */
    private static final Duration WORK = Duration.ofSeconds(30);

    private static final String NONE = "no dead letters";

    private final Cloud cloud;
    private final Output output;

    @Mixin
    private final Listing<DeadLetter> listing;

    DeadLettersCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
        listing = new Listing<>(output, DeadLettersCommand::listed);
    }

    private static Columns<DeadLetter> listed() {
        return first(Function.<DeadLetter>identity())
                .with("why", "why", DeadLetter::why)
                .more("key", DeadLetter::key)
                .more("size", DeadLetter::size);
    }

    private static Columns<DeadLetterShown> shown() {
        Function<DeadLetterShown, DeadLetter> letter = DeadLetterShown::letter;
        return first(letter)
                .with("key", "key", letter.andThen(DeadLetter::key))
                .with("size", "size", letter.andThen(DeadLetter::size), letter.andThen(one -> one.size() + " bytes"))
                .with("why", "why", letter.andThen(DeadLetter::why))
                .more("body", DeadLetterShown::body);
    }

    private static <T> Columns<T> first(Function<T, DeadLetter> letter) {
        return new Columns<T>()
                .with("id", "ID", letter.andThen(DeadLetter::id))
                .with(
                        "when",
                        "when",
                        letter.andThen(DeadLetter::when),
                        letter.andThen(one -> one.when().replaceFirst("\\.\\d+Z", "Z")))
                .with("from", "from", letter.andThen(DeadLetter::from))
                .with("type", "type", letter.andThen(DeadLetter::type));
    }

    @Override
    public List<Object> below() {
        return List.of(new ListThem(), new Show(), new Requeue(), new Drop());
    }

    @Override
    public Integer call() {
        return show(listing);
    }

    private int show(Listing<DeadLetter> wanted) {
        DeadLetterList list = list();
        wanted.show(list.letters(), NONE);
        int more = list.total() - list.letters().size();
        if (more > 0 && !list.letters().isEmpty()) {
            output.note(more + " newer ones are not listed");
        }
        return 0;
    }

    /** The same with its name. */
    @Command(
            name = "list",
            description = "List them, the oldest first.",
            footer = "kvm-cloud dead-letters list type=instance.kill -c id,from,key")
    private final class ListThem implements Callable<Integer> {

        @Mixin
        private final Listing<DeadLetter> listing = new Listing<>(output, DeadLettersCommand::listed);

        @Override
        public Integer call() {
            return show(listing);
        }
    }

    /** All of one. */
    @Command(
            name = "show",
            description = "Show all of one: its headers and what is in it.",
            footer = "kvm-cloud dead-letters show 5e0c9a71")
    private final class Show implements Callable<Integer> {

        @Mixin
        private final Results<DeadLetterShown> results = new Results<>(output, DeadLettersCommand::shown);

        @Parameters(paramLabel = "LETTER", description = "As `kvm-cloud dead-letters` lists it.")
        private @Nullable String id;

        @Override
        public Integer call() {
            DeadLetterShown shown = cloud.ask(new ShowDeadLetter(Arguments.given(id)), new OpId().op(), WORK);
            results.one(
                    shown, results.sheet(shown) + "\n" + String.join("\n", shown.headers()) + "\n\n" + shown.body());
            return 0;
        }
    }

    /** Sends them again. */
    @Command(
            name = "requeue",
            description =
                    "Send commands again that nobody could handle; each is carried out once, if it was not before.",
            footer = "kvm-cloud dead-letters requeue 5e0c9a71")
    private final class Requeue implements Callable<Integer> {

        @Mixin
        private final Results<String> results = new Results<>(output, DeadLettersCommand::ids);

        @Option(names = "--all", description = "All that are listed.")
        private boolean all;

        @Parameters(paramLabel = "LETTER", arity = "0..*", description = "As `kvm-cloud dead-letters` lists them.")
        private List<String> ids = List.of();

        @Override
        public Integer call() {
            return settle(
                    results,
                    "requeue",
                    all,
                    ids,
                    named -> cloud.ask(new RequeueDeadLetters(named), new OpId().op(), WORK));
        }
    }

    /** Throws them away. */
    @Command(
            name = "drop",
            description = "Remove them.",
            footer = {"kvm-cloud dead-letters drop 5e0c9a71", "kvm-cloud dead-letters drop --all"})
    private final class Drop implements Callable<Integer> {

        @Mixin
        private final Results<String> results = new Results<>(output, DeadLettersCommand::ids);

        @Option(names = "--all", description = "All that are listed.")
        private boolean all;

        @Parameters(paramLabel = "LETTER", arity = "0..*", description = "As `kvm-cloud dead-letters` lists them.")
        private List<String> ids = List.of();

        @Override
        public Integer call() {
            return settle(
                    results, "drop", all, ids, named -> cloud.ask(new DropDeadLetters(named), new OpId().op(), WORK));
        }
    }

    /** Which ones are named and which are meant must not be a guess: either ids or all of them. */
    private int settle(
            Results<String> results,
            String verb,
            boolean all,
            List<String> ids,
            Function<List<String>, DeadLettersSettled> ask) {
        if (all == !ids.isEmpty()) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "'dead-letters " + verb + "' needs "
                            + (all ? "either LETTER or --all, not both" : "LETTER or --all"),
                    "write it like `kvm-cloud dead-letters " + verb + " LETTER…`; `kvm-cloud dead-letters` lists them");
        }
        List<String> named = all ? list().letters().stream().map(DeadLetter::id).toList() : ids;
        DeadLettersSettled settled = named.isEmpty()
                ? new DeadLettersSettled(List.of(), List.of())
                : Failures.valid(() -> ask.apply(named), "name fewer at a time");
        settled.done().forEach(id -> results.each(id, named.size() == 1 ? "OK" : id + " OK"));
        results.end(settled.done(), settled);
        if (named.isEmpty()) {
            output.note(NONE);
        }
        int exitCode = 0;
        for (Refused refused : settled.refused()) {
            output.failure(new Failure(refused.reason(), refused.message(), refused.hint()), "");
            exitCode = exitCode == 0 ? refused.reason().exitCode() : exitCode;
        }
        return exitCode;
    }

    private DeadLetterList list() {
        return cloud.ask(new ListDeadLetters(), new OpId().op(), WORK);
    }

    private static Columns<String> ids() {
        return new Columns<String>().with("id", "ID", id -> id);
    }
}
