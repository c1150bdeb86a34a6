package io.kvmcloud.controller;

import io.kvmcloud.controller.instance.Ledger;
import io.kvmcloud.controller.journal.Journal;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.Reply;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The journal stands for new instances until they are on the disk. */
record Promises(Journal journal) implements Ledger {

    @Override
    public List<Lost> lost() {
        return journal.lost().stream()
                .filter(entry -> entry.command() instanceof NewInstance)
                .map(entry -> new Lost(entry.number(), (NewInstance) entry.command(), promised(entry)))
                .toList();
    }

    private static @Nullable InstanceView promised(Journal.Entry entry) {
        Journal.Outcome outcome = entry.outcome().getNow(null);
        return outcome != null && outcome.reply() instanceof Reply.InstanceCreated(var instance) ? instance : null;
    }

    @Override
    public List<Long> unsynced() {
        return journal.unsynced().stream().map(Journal.Entry::number).toList();
    }

    @Override
    public void synced(Collection<Long> numbers) throws IOException {
        journal.synced(numbers);
    }
}
