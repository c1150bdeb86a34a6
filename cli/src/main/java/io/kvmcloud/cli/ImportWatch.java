package io.kvmcloud.cli;

import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.ImportProgress;
import io.kvmcloud.messages.Reply.HostMeasured;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** How far hosts are with an import, asked for each time: for {@link TransferBar}. One that is silent is where it was. */
final class ImportWatch implements Supplier<ImportProgress> {

    private final Supplier<Map<ControllerName, HostMeasured>> hosts;
    private final String template;
    private final Map<ControllerName, ImportProgress> last = new HashMap<>();

    /** @param hosts what they tell now; without those that are silent */
    ImportWatch(Supplier<Map<ControllerName, HostMeasured>> hosts, String template) {
        this.hosts = hosts;
        this.template = template;
    }

    @Override
    public ImportProgress get() {
        hosts.get()
                .forEach((host, measured) -> measured.imports().stream()
                        .filter(one -> one.template().equals(template))
                        .findFirst()
                        .ifPresentOrElse(
                                one -> last.put(host, one),
                                () -> last.computeIfPresent(host, (_, before) -> complete(before))));
        return new ImportProgress(
                template,
                last.values().stream().mapToLong(ImportProgress::bytes).sum(),
                last.values().stream().mapToLong(ImportProgress::total).sum());
    }

    /** What it does not tell of any more, it has. */
    private static ImportProgress complete(ImportProgress before) {
        return new ImportProgress(before.template(), Math.max(before.bytes(), before.total()), before.total());
    }
}
