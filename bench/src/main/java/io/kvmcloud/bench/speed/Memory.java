package io.kvmcloud.bench.speed;

import io.kvmcloud.amqp.Requester;
import io.kvmcloud.bench.process.Part;
import io.kvmcloud.bench.process.Vitals;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.MemorySize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the daemons weigh: resident when they are idle, and what an instance costs them. That is measured in the heap after a
 * collection; resident memory grows in steps that have nothing to do with it.
 */
final class Memory {

    private static final int INSTANCES = 200;
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final List<String> HEADER =
            List.of("program", "RSS idle, MiB", "heap in use, KiB", "one instance, bytes");

    private Memory() {}

    static Sheet measure(Path root) throws IOException {
        try (Lab lab = new Lab(root, false)) {
            lab.start();
            Meter.sleep(IDLE);
            Map<String, Part> daemons = new LinkedHashMap<>();
            daemons.put("manager", lab.manager());
            daemons.put("controller", lab.controller());
            Map<String, Long> resident = new LinkedHashMap<>();
            daemons.forEach((name, part) -> resident.put(name, Vitals.resident(part)));
            resident.put("broker", Vitals.resident(lab.node()));
            Map<String, Long> before = new LinkedHashMap<>();
            daemons.forEach((name, part) -> before.put(name, Vitals.heap(part)));
            create(lab);
            Sheet sheet = new Sheet("memory", Conditions.now(lab.brokerVersion()), HEADER);
            daemons.forEach((name, part) -> {
                long each = (Vitals.heap(part) - before.getOrDefault(name, 0L)) * 1024 / INSTANCES;
                row(sheet, name, resident, before.get(name) + "", each + "");
            });
            row(sheet, "broker", resident, "-", "-");
            return sheet;
        }
    }

    private static void row(Sheet sheet, String name, Map<String, Long> resident, String heap, String each) {
        double mebibytes = resident.getOrDefault(name, 0L) / 1024.0;
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("program", name);
        figures.put("rss_mib", mebibytes);
        if (!heap.equals("-")) {
            figures.put("heap_kib", Long.parseLong(heap));
            figures.put("instance_bytes", Long.parseLong(each));
        }
        sheet.add(List.of(name, String.format(Locale.ROOT, "%.0f", mebibytes), heap, each), figures);
    }

    private static void create(Lab lab) {
        try (Requester requester = lab.requester()) {
            for (int i = 0; i < INSTANCES; i++) {
                requester.ask(new NewInstance(Lab.TEMPLATE, MemorySize.ofMebibytes(64), 1, List.of()), DEADLINE);
            }
        }
        Meter.sleep(Duration.ofSeconds(2)); // until the manager has heard of the last
    }
}
