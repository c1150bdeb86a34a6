package io.kvmcloud.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.amqp.Codec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a verb writes what came of it: in every format, with the options that choose from it, all made of its columns. */
class Results<T> {

    private final Output output;
    private final Supplier<Columns<T>> declared;
    private @Nullable Columns<T> columns;
    private List<Column<T>> chosen = List.of();

    @Option(
            names = {"-q", "--quiet"},
            description = "Only ids, one a line.")
    private boolean quiet;

    @Option(names = "--no-headers", description = "Without the names of the columns.")
    private boolean bare;

    /** @param declared what the rows have; asked for when it is needed, since to start fast is to do nothing in vain */
    Results(Output output, Supplier<Columns<T>> declared) {
        this.output = output;
        this.declared = declared;
    }

    @Option(
            names = {"-c", "--columns"},
            paramLabel = "COLUMN,...",
            description = "Only these, in this order; `-c ?` names all there are.")
    @SuppressWarnings("UnusedMethod") // picocli's, so that a wrong name is a mistake of the command line
    private void choose(@Nullable String names) {
        chosen = names == null
                ? List.of()
                : Arrays.stream(names.split(",", -1)).map(columns()::named).toList();
    }

    /** What the rows have. */
    final Columns<T> columns() {
        if (columns == null) {
            columns = declared.get();
        }
        return columns;
    }

    /** Whether only ids are wanted. */
    final boolean quiet() {
        return quiet;
    }

    /** All there are: rows of a table, an array as a tree. */
    final void list(List<T> rows) {
        list(rows, rows);
    }

    /** One: a line for each column, an object as a tree. */
    final void one(T row) {
        one(row, "");
    }

    /** One that people read as this text, unless they choose columns. */
    final void one(T row, String text) {
        if (quiet) {
            ids(List.of(row));
            return;
        }
        switch (output.format()) {
            case TABLE -> output.text(chosen.isEmpty() && !text.isEmpty() ? text : sheet(row));
            case JSON, YAML -> output.tree(chosen.isEmpty() ? row : part(row));
            case CSV, VALUE -> cells(List.of(row));
        }
    }

    /** One of many that come one after the other without an end: under one header. */
    final void next(T row, String text) {
        one(row, text);
        bare = true;
    }

    /** One of several that come one after the other, for people this text: said at once if it is a line of its own. */
    final void each(T row, String text) {
        if (linewise()) {
            one(row, output.fitting(text));
        }
    }

    /** The end of several that came one after the other. */
    final void end(List<T> rows) {
        if (!rows.isEmpty()) {
            end(rows, rows);
        }
    }

    /** The same where there is more to tell than the rows: all of it is this tree. */
    final void end(List<T> rows, Object tree) {
        if (!linewise()) {
            list(rows, tree);
        }
    }

    private boolean linewise() {
        return quiet
                || switch (output.format()) {
                    case TABLE -> chosen.isEmpty();
                    case VALUE -> true;
                    case JSON, YAML, CSV -> false;
                };
    }

    private void list(List<T> rows, Object tree) {
        if (quiet) {
            ids(rows);
            return;
        }
        switch (output.format()) {
            case TABLE -> output.text(output.fitting(table(rows)));
            case JSON, YAML ->
                output.tree(
                        chosen.isEmpty() ? tree : rows.stream().map(this::part).toList());
            case CSV, VALUE -> cells(rows);
        }
    }

    private void ids(List<T> rows) {
        output.text(lines(rows, columns().id()::value));
    }

    private String table(List<T> rows) {
        Function<T, String> line = columns().line();
        return line != null && chosen.isEmpty()
                ? lines(rows, line)
                : Table.of(grid(forPeople(rows), Column::header, rows, Column::cell));
    }

    /** A line for each column. */
    final String sheet(T row) {
        return Table.of(forPeople(List.of(row)).stream()
                .map(column -> bare ? List.of(column.cell(row)) : List.of(column.header(), column.cell(row)))
                .toList());
    }

    private List<Column<T>> forPeople(List<T> rows) {
        return chosen.isEmpty() ? columns().shown(rows) : chosen;
    }

    private void cells(List<T> rows) {
        List<Column<T>> wanted = chosen.isEmpty() ? columns().standard() : chosen;
        if (output.format() == Format.CSV) {
            output.csv(grid(wanted, Column::name, rows, Column::value));
        } else {
            output.text(lines(
                    rows, row -> wanted.stream().map(column -> column.word(row)).collect(Collectors.joining(" "))));
        }
    }

    /** The chosen columns as a tree: fields as the whole tree has them, and what it does not have. */
    private JsonNode part(T row) {
        JsonNode whole = Codec.tree(row);
        ObjectNode part = JsonNodeFactory.instance.objectNode();
        for (Column<T> column : chosen) {
            JsonNode field = whole.get(column.name());
            part.set(column.name(), field == null ? Codec.tree(column.content().apply(row)) : field);
        }
        return part;
    }

    private List<List<String>> grid(
            List<Column<T>> wanted,
            Function<Column<T>, String> header,
            List<T> rows,
            BiFunction<Column<T>, T, String> cell) {
        List<List<String>> grid = new ArrayList<>();
        if (!bare) {
            grid.add(wanted.stream().map(header).toList());
        }
        for (T row : rows) {
            grid.add(wanted.stream().map(column -> cell.apply(column, row)).toList());
        }
        return grid;
    }

    private static <T> String lines(List<T> rows, Function<T, String> line) {
        return rows.stream().map(line).collect(Collectors.joining("\n", "", rows.isEmpty() ? "" : "\n"));
    }
}
