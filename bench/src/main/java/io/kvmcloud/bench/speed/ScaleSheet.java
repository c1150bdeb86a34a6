package io.kvmcloud.bench.speed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The steps of {@link Scale} side by side: a column for each, since there are few of them and many figures. */
final class ScaleSheet {

    private final Map<String, String> conditions;
    private final List<ScaleStep> steps = new ArrayList<>();

    ScaleSheet(Map<String, String> conditions) {
        this.conditions = conditions;
    }

    void add(ScaleStep step) {
        steps.add(step);
    }

    Sheet sheet() {
        List<String> header = new ArrayList<>(List.of("controllers"));
        steps.forEach(step -> header.add(String.format(Locale.ROOT, "%,d", step.controllers())));
        Sheet sheet = new Sheet("scale", conditions, header);
        row(sheet, "instances", "%,.0f", step -> step.controllers() * (double) SimulatedController.INSTANCES);
        row(
                sheet,
                "`kill` of any, a second",
                "%,.0f",
                step -> step.commands("kill").perSecond());
        row(
                sheet,
                "`kill` on one host, a second",
                "%,.0f",
                step -> step.commands("kill on one host").perSecond());
        row(
                sheet,
                "`new` and `delete`, pairs a second",
                "%,.0f",
                step -> step.commands("new and delete").perSecond());
        row(
                sheet,
                "the floor, a second",
                "%,.0f",
                step -> step.commands("floor").perSecond());
        row(sheet, "`kill` of any: manager, CPU µs", "%.0f", step -> cpu(step, "kill", "manager"));
        row(sheet, "`kill` of any: broker, CPU µs", "%.0f", step -> cpu(step, "kill", "broker"));
        row(sheet, "`kill` on one host: manager, CPU µs", "%.0f", step -> cpu(step, "kill on one host", "manager"));
        row(sheet, "`kill` on one host: broker, CPU µs", "%.0f", step -> cpu(step, "kill on one host", "broker"));
        row(sheet, "`new` and `delete`: manager, CPU µs", "%.0f", step -> cpu(step, "new and delete", "manager"));
        row(sheet, "the floor: broker, CPU µs", "%.0f", step -> cpu(step, "floor", "broker"));
        row(sheet, "idle: manager, % of a CPU", "%.1f", step -> step.idle().getOrDefault("manager", 0.0));
        row(sheet, "idle: broker, % of a CPU", "%.1f", step -> step.idle().getOrDefault("broker", 0.0));
        row(sheet, "idle: messages a second", "%.1f", step -> step.totals().published());
        row(sheet, "manager, heap in use, MiB", "%.1f", ScaleStep::heap);
        row(sheet, "broker, RSS, MiB", "%.0f", ScaleStep::resident);
        row(sheet, "a new manager knows all, s", "%.1f", ScaleStep::known);
        row(sheet, "the same beside the floor at full speed, s", "%.1f", ScaleStep::knownUnderLoad);
        row(sheet, "`instances`, s", "%.2f", step -> seconds(step, "instances"));
        row(sheet, "`instances status=online host=s1`, s", "%.2f", step -> seconds(step, "filtered"));
        row(sheet, "ids and names for completion, s", "%.2f", step -> seconds(step, "names"));
        row(sheet, "`kill 'web-s1-*' --dry-run`, s", "%.2f", step -> seconds(step, "pattern"));
        row(sheet, "connections", "%,.0f", step -> (double) step.totals().connections());
        row(sheet, "channels", "%,.0f", step -> (double) step.totals().channels());
        row(sheet, "queues", "%,.0f", step -> (double) step.totals().queues());
        return sheet;
    }

    private static double seconds(ScaleStep step, String call) {
        return Objects.requireNonNull(step.cli().get(call)).wall();
    }

    /** Of one command, less what the program needs anyway. */
    private static double cpu(ScaleStep step, String command, String program) {
        Comparison.Line line = step.commands(command);
        double idle = step.idle().getOrDefault(program, 0.0) / 100 * 1e6 / line.perSecond();
        return line.cpu().getOrDefault(program, 0.0) - idle;
    }

    private void row(Sheet sheet, String what, String format, Function<ScaleStep, Double> figure) {
        List<String> cells = new ArrayList<>(List.of(what));
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("what", what);
        for (ScaleStep step : steps) {
            cells.add(String.format(Locale.ROOT, format, figure.apply(step)));
            figures.put(Integer.toString(step.controllers()), figure.apply(step));
        }
        sheet.add(cells, figures);
    }
}
