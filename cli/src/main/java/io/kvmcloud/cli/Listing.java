package io.kvmcloud.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Stack;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A list that can be filtered and sorted. */
final class Listing<T> extends Results<T> {

    private final Output output;
    private Predicate<T> wanted = _ -> true;
    private @Nullable Comparator<T> order;

    /** @param declared what the rows have */
    Listing(Output output, Supplier<Columns<T>> declared) {
        super(output, declared);
        this.output = output;
    }

    @Option(
            names = "--sort",
            paramLabel = "COLUMN",
            parameterConsumer = NextWord.class,
            description = "In the order of this column; -COLUMN the other way round.")
    @SuppressWarnings("UnusedMethod") // picocli's
    private void sort(@Nullable String word) {
        if (word == null) {
            order = null;
        } else {
            boolean descending = word.startsWith("-");
            Comparator<T> ascending = columns().named(descending ? word.substring(1) : word)::compare;
            order = descending ? ascending.reversed() : ascending;
        }
    }

    @Parameters(
            paramLabel = "COLUMN=VALUE",
            arity = "0..*",
            description = "Only such rows, like status=online, template=deb*, host!=s1 or note~disk.")
    @SuppressWarnings("UnusedMethod") // picocli's
    private void filter(@Nullable List<Filter> given) {
        wanted = _ -> true;
        for (Filter filter : given == null ? List.<Filter>of() : given) {
            Column<T> column = columns().named(filter.column());
            wanted = wanted.and(row -> filter.accepts(column.value(row)));
        }
    }

    /** Whether the filters let it through. */
    boolean wants(T row) {
        return wanted.test(row);
    }

    /**
     * Shows what is wanted of these rows.
     *
     * @param none a note for when there are none at all
     * @return what was shown
     */
    List<T> show(List<T> rows, String none) {
        Stream<T> meant = rows.stream().filter(wanted);
        List<T> shown = (order == null ? meant : meant.sorted(order)).toList();
        list(shown);
        if (rows.isEmpty()) {
            output.note(none);
        } else if (shown.isEmpty()) {
            output.note("none of " + rows.size() + " matches");
        }
        return shown;
    }

    /** Takes the next word also when it begins like an option. */
    private static final class NextWord implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec verb) {
            if (words.isEmpty()) {
                throw new MissingParameterException(verb.commandLine(), option, "--sort needs COLUMN");
            }
            option.setValue(words.pop());
        }
    }
}
