package io.kvmcloud.manager;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.Page;
import io.kvmcloud.messages.Reply.ControllerList;
import io.kvmcloud.messages.Reply.InstanceList;
import io.kvmcloud.messages.Reply.TemplateList;
import io.kvmcloud.messages.TemplateRow;
import io.kvmcloud.messages.TemplateView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** What reads are answered with: rows of the table, each with its age. */
final class Lists {

    private Lists() {}

    /** By id, which is how hosts and what each has are kept: a page is looked up, not sorted out of all. */
    static InstanceList instances(Controllers controllers, Page page) {
        Optional<InstanceId> after =
                page.after().isEmpty() ? Optional.empty() : Optional.of(InstanceId.parse(page.after()));
        List<InstanceRow> rows = controllers.hosts().stream()
                .filter(host ->
                        after.isEmpty() || host.name().compareTo(after.get().controller()) >= 0)
                .flatMap(host -> controllers.instancesOf(host.name()).stream()
                        .filter(instance -> after.isEmpty() || instance.id().compareTo(after.get()) > 0)
                        .map(instance -> new InstanceRow(instance, age(host), host.reachable())))
                .limit(oneMore(page))
                .toList();
        return isLast(rows, page)
                ? new InstanceList(rows)
                : new InstanceList(
                        rows.subList(0, page.limit()),
                        rows.get(page.limit() - 1).instance().id().toString());
    }

    /** By name; with the controllers that are there, since from the others no instance can be had. */
    static TemplateList templates(Controllers controllers) {
        TreeMap<String, TemplateView> views = new TreeMap<>();
        TreeMap<String, TreeSet<ControllerName>> offered = new TreeMap<>();
        controllers.hosts().stream()
                .filter(Host::reachable)
                .forEach(host -> host.view().templates().forEach(template -> {
                    views.putIfAbsent(template.name(), template);
                    offered.computeIfAbsent(template.name(), _ -> new TreeSet<>())
                            .add(host.name());
                }));
        List<TemplateRow> rows = new ArrayList<>();
        views.forEach((name, view) ->
                rows.add(new TemplateRow(view, List.copyOf(offered.getOrDefault(name, new TreeSet<>())))));
        return new TemplateList(rows);
    }

    /** By name; also those that are gone. */
    static ControllerList controllers(Controllers controllers, Page page) {
        List<ControllerRow> rows = controllers.hosts().stream()
                .filter(host -> host.name().value().compareTo(page.after()) > 0)
                .map(host -> new ControllerRow(host.view(), age(host), host.reachable()))
                .limit(oneMore(page))
                .toList();
        return isLast(rows, page)
                ? new ControllerList(rows)
                : new ControllerList(
                        rows.subList(0, page.limit()),
                        rows.get(page.limit() - 1).controller().name().value());
    }

    /** One row more than wanted tells whether there is a next page. */
    private static long oneMore(Page page) {
        return page.limit() == 0 ? Long.MAX_VALUE : page.limit() + 1L;
    }

    private static boolean isLast(List<?> rows, Page page) {
        return page.limit() == 0 || rows.size() <= page.limit();
    }

    /** Seconds, to a tenth. */
    private static double age(Host host) {
        return Math.round(host.age().toMillis() / 100.0) / 10.0;
    }
}
