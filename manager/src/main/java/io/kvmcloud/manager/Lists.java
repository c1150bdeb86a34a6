package io.kvmcloud.manager;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ControllerRow;
import io.kvmcloud.messages.InstanceRow;
import io.kvmcloud.messages.Reply.ControllerList;
import io.kvmcloud.messages.Reply.InstanceList;
import io.kvmcloud.messages.Reply.TemplateList;
import io.kvmcloud.messages.TemplateRow;
import io.kvmcloud.messages.TemplateView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** What reads are answered with: rows of the table, each with its age. */
final class Lists {

    private Lists() {}

    /** By id. */
    static InstanceList instances(Controllers controllers) {
        return new InstanceList(controllers.hosts().stream()
                .flatMap(host -> controllers.instancesOf(host.name()).stream()
                        .map(instance -> new InstanceRow(instance, age(host), host.reachable())))
                .sorted(Comparator.comparing(row -> row.instance().id()))
                .toList());
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
    static ControllerList controllers(Controllers controllers) {
        return new ControllerList(controllers.hosts().stream()
                .map(host -> new ControllerRow(host.view(), age(host), host.reachable()))
                .toList());
    }

    /** Seconds, to a tenth. */
    private static double age(Host host) {
        return Math.round(host.age().toMillis() / 100.0) / 10.0;
    }
}
