package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Forward.Port;
import io.kvmcloud.messages.InstanceId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what there is with what should be: ends guests that no instance runs, removes what was left half-made or
 * half-removed, frees ports that nobody has, and lets each instance look after itself.
 *
 * @param exists whether an instance has this number, or will
 */
record Sweep(InstanceStore store, Hypervisor hypervisor, Ports ports, LongPredicate exists) {

    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

    /**
     * Looks first and asks what should be afterwards, so what is made meanwhile is never taken for a leftover: a number
     * is in the making before it has anything, and an instance is forgotten after it has nothing.
     */
    void run(Collection<Instance> instances) {
        if (!store.isThere()) {
            LOG.error("{} is not the directory it was any more: nothing is done about its instances", store.root());
            return;
        }
        Map<Path, List<Hypervisor.Claim>> claims =
                hypervisor.claims(store.root()).stream().collect(Collectors.groupingBy(Hypervisor.Claim::directory));
        List<Path> directories = leftovers();
        Map<Port, InstanceId> leases = ports.leases();
        directories.stream().filter(this::isNobodys).forEach(this::clear);
        claims.forEach((directory, those) -> {
            if (isNobodys(directory)) {
                those.forEach(Sweep::end);
            }
        });
        leases.forEach((port, id) -> {
            if (!exists.test(id.number())) {
                ports.release(port, id);
            }
        });
        instances.forEach(one ->
                one.look(claims.getOrDefault(store.directory(one.record().id().number()), List.of())));
    }

    private List<Path> leftovers() {
        try {
            return store.leftovers();
        } catch (IOException unreadable) {
            LOG.warn("{} cannot be read: {}", store.root(), unreadable.toString());
            return List.of();
        }
    }

    private void clear(Path leftover) {
        try {
            hypervisor.reap(leftover);
            DurableFile.deleteTree(leftover);
            LOG.info("removed {}, which was left over", leftover);
        } catch (IOException | CommandFailed stuck) {
            LOG.warn("{} was left over and cannot be removed: {}", leftover, stuck.toString());
        }
    }

    private static void end(Hypervisor.Claim orphan) {
        LOG.warn("ending process {}: it runs a guest in {}, where no instance is", orphan.pid(), orphan.directory());
        orphan.end();
    }

    /** Of a directory that has the name of one of an instance, with or without the dot. */
    private boolean isNobodys(Path directory) {
        String name = directory.getFileName().toString();
        String digits = name.startsWith(".") ? name.substring(1) : name;
        return !digits.matches("\\d{1,18}") || !exists.test(Long.parseLong(digits));
    }
}
