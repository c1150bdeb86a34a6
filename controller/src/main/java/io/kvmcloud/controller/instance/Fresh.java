package io.kvmcloud.controller.instance;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * New instances that may be in the system's memory only. Nobody who creates one waits for the disk: until they are on it the
 * {@link Ledger} stands for them, and they come to it many at a time, or when one of them is to be more than it was when it was
 * made. Thread-safe.
 */
record Fresh(InstanceStore store, Ledger ledger, Set<Long> numbers) {

    private static final Logger LOG = LoggerFactory.getLogger(Fresh.class);

    Fresh(InstanceStore store, Ledger ledger) {
        this(store, ledger, ConcurrentHashMap.newKeySet());
    }

    /** Its files are written; the ledger knows of it. */
    void add(long number) {
        numbers.add(number);
    }

    /** This one is on the disk when this returns. What others write does not make it wait. */
    void sync(long number) throws IOException {
        if (numbers.contains(number)) {
            store.sync(number);
            ledger.synced(List.of(number));
            numbers.remove(number);
        }
    }

    /** All of them are on the disk, with one sync; or, if that fails, still to come. */
    void sync() {
        List<Long> now = List.copyOf(numbers);
        if (now.isEmpty()) {
            return;
        }
        try {
            store.syncAll();
            ledger.synced(now);
            now.forEach(numbers::remove);
        } catch (IOException failed) {
            LOG.warn("new instances are not on the disk of {} yet: {}", store.root(), failed.toString());
        }
    }
}
