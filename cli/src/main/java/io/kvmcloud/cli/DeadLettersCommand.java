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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dead-letters}: the messages nobody could handle. */
@Command(
        name = "dead-letters",
        description = "List the messages that nobody could handle; show one, send them again, drop them.")
final class DeadLettersCommand implements Callable<Integer>, WordsBelow {

    /** Looking through a thousand letters takes a manager a while. */
    private static final Duration WORK = Duration.ofSeconds(30);

    private final Cloud cloud;
    private final Output output;

    DeadLettersCommand(Cloud cloud, Output output) {
        this.cloud = cloud;
        this.output = output;
    }

    @Override
    public List<Object> below() {
        return List.of(new ListThem(), new Show(), new Requeue(), new Drop());
    }

    @Override
    public Integer call() {
        DeadLetterList list = list();
        var table = new Table("ID", "when", "from", "type", "key", "size", "why");
        for (DeadLetter letter : list.letters()) {
            table.row(
                    letter.id(),
                    letter.when().replaceFirst("\\.\\d+Z", "Z"),
                    dash(letter.from()),
                    dash(letter.type()),
                    dash(letter.key()),
                    Long.toString(letter.size()),
                    letter.why());
        }
        output.result(list.letters(), table.toString());
        int more = list.total() - list.letters().size();
        if (list.total() == 0) {
            output.note("no dead letters");
        } else if (more > 0) {
            output.note(more + " newer ones are not listed");
        }
        return 0;
    }

    /** The same with its name. */
    @Command(name = "list", description = "List them, the oldest first.")
    private final class ListThem implements Callable<Integer> {
        @Override
        public Integer call() {
            return DeadLettersCommand.this.call();
        }
    }

    /** All of one. */
    @Command(name = "show", description = "Show all of one: its headers and what is in it.")
    private final class Show implements Callable<Integer> {

        @Parameters(paramLabel = "LETTER", description = "As `kvm-cloud dead-letters` lists it.")
        private @Nullable String id;

        @Override
        public Integer call() {
            DeadLetterShown shown = cloud.ask(new ShowDeadLetter(Arguments.given(id)), new OpId().op(), WORK);
            DeadLetter letter = shown.letter();
            var table = new Table("ID", letter.id())
                    .row("when", dash(letter.when()))
                    .row("from", dash(letter.from()))
                    .row("type", dash(letter.type()))
                    .row("key", dash(letter.key()))
                    .row("size", letter.size() + " bytes")
                    .row("why", letter.why());
            output.result(shown, table + "\n" + String.join("\n", shown.headers()) + "\n\n" + shown.body());
            return 0;
        }
    }

    /** Sends them again. */
    @Command(
            name = "requeue",
            description =
                    "Send commands again that nobody could handle; each is carried out once, if it was not before.")
    private final class Requeue implements Callable<Integer> {

        @Option(names = "--all", description = "All that are listed.")
        private boolean all;

        @Parameters(paramLabel = "LETTER", arity = "0..*", description = "As `kvm-cloud dead-letters` lists them.")
        private List<String> ids = List.of();

        @Override
        public Integer call() {
            return settle(
                    "requeue", all, ids, named -> cloud.ask(new RequeueDeadLetters(named), new OpId().op(), WORK));
        }
    }

    /** Throws them away. */
    @Command(name = "drop", description = "Remove them.")
    private final class Drop implements Callable<Integer> {

        @Option(names = "--all", description = "All that are listed.")
        private boolean all;

        @Parameters(paramLabel = "LETTER", arity = "0..*", description = "As `kvm-cloud dead-letters` lists them.")
        private List<String> ids = List.of();

        @Override
        public Integer call() {
            return settle("drop", all, ids, named -> cloud.ask(new DropDeadLetters(named), new OpId().op(), WORK));
        }
    }

    /** Which ones are named and which are meant must not be a guess: either ids or all of them. */
    private int settle(String verb, boolean all, List<String> ids, Function<List<String>, DeadLettersSettled> ask) {
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
        StringBuilder lines = new StringBuilder();
        settled.done().forEach(id -> lines.append(named.size() == 1 ? "OK\n" : id + " OK\n"));
        if (!settled.done().isEmpty() || output.json()) {
            output.result(settled, lines.toString());
        }
        if (named.isEmpty()) {
            output.note("no dead letters");
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

    private static String dash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
