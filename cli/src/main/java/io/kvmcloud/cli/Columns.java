package io.kvmcloud.cli;

import io.kvmcloud.cli.Column.Shown;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the rows of a result have, declared once: every format, filter and order is made of it. The first one is the id. */
final class Columns<T> {

    private final List<Column<T>> all = new ArrayList<>();
    private @Nullable Function<T, String> line;

    /** One that tables have. */
    Columns<T> with(String name, String header, Function<T, ? extends Comparable<?>> value) {
        return with(name, header, value, row -> value.apply(row).toString());
    }

    /** One that says more to people than to programs. */
    Columns<T> with(String name, String header, Function<T, ? extends Comparable<?>> value, Function<T, String> text) {
        return add(name, header, Shown.ALWAYS, value, text);
    }

    /** One that a table has when one of its rows has something in it. */
    Columns<T> given(String name, String header, Function<T, ? extends Comparable<?>> value) {
        return add(name, header, Shown.GIVEN, value, row -> value.apply(row).toString());
    }

    /** One that has to be asked for. */
    Columns<T> more(String name, Function<T, ? extends Comparable<?>> value) {
        return add(name, name, Shown.ASKED, value, row -> value.apply(row).toString());
    }

    /** What people read of a row instead of cells, unless they choose columns. */
    Columns<T> line(Function<T, String> text) {
        line = text;
        return this;
    }

    /** What {@link #line(Function)} said. */
    @Nullable
    Function<T, String> line() {
        return line;
    }

    /** What tells rows apart. */
    Column<T> id() {
        return all.getFirst();
    }

    /** What a table of these rows has when nobody says what it should have. */
    List<Column<T>> shown(List<T> rows) {
        return all.stream()
                .filter(column -> switch (column.shown()) {
                    case ALWAYS -> true;
                    case GIVEN ->
                        rows.stream().anyMatch(row -> !column.value(row).isEmpty());
                    case ASKED -> false;
                })
                .toList();
    }

    /** What programs get when they do not say what they want: the same whatever the rows are. */
    List<Column<T>> standard() {
        return all.stream().filter(column -> column.shown() != Shown.ASKED).toList();
    }

    /** @throws CommandFailed {@link Reason#INVALID} with all names when none is called so */
    Column<T> named(String word) {
        return all.stream().filter(column -> column.isCalled(word)).findFirst().orElseThrow(() -> unknown(word));
    }

    /** What all of them are called. */
    List<String> names() {
        return all.stream().map(Column::name).toList();
    }

    private CommandFailed unknown(String word) {
        return new CommandFailed(
                Reason.INVALID,
                "there is no column '" + Output.plain(word) + "'; there are " + String.join(", ", names()),
                Spelling.nearest(word.toLowerCase(Locale.ROOT), names())
                        .map(near -> "did you mean `" + near + "`?")
                        .orElse("write it like " + names().stream().limit(2).collect(Collectors.joining(","))));
    }

    private Columns<T> add(
            String name,
            String header,
            Shown shown,
            Function<T, ? extends Comparable<?>> value,
            Function<T, String> text) {
        all.add(new Column<>(name, header, shown, value, text));
        return this;
    }
}
