package io.kvmcloud.controller.instance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A ledger without a disk; it stands for what a test says. */
final class FakeLedger implements Ledger {

    final List<Lost> lost = new ArrayList<>();
    final List<Long> unsynced = new ArrayList<>();
    final List<Collection<Long>> synced = new ArrayList<>();
    boolean full;

    @Override
    public List<Lost> lost() {
        return lost;
    }

    @Override
    public List<Long> unsynced() {
        return unsynced;
    }

    @Override
    public synchronized void synced(Collection<Long> numbers) throws IOException {
        if (full) {
            throw new IOException("no space left");
        }
        synced.add(numbers);
    }
}
