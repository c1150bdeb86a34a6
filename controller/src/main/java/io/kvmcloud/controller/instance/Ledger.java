package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.InstanceView;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who stands for new instances while their files are only in the system's memory: it has on the disk what they were asked to
 * be and what was answered.
 */
public interface Ledger {

    /**
     * A creation of before this machine was started: of its files there may be all, some, or none.
     *
     * @param promised what was answered; null when nothing was
     */
    record Lost(long number, NewInstance command, @Nullable InstanceView promised) {}

    /** Those that may be lost, in the order they were asked for. */
    List<Lost> lost();

    /** The numbers of all that may not be on the disk, those that may be lost among them. */
    List<Long> unsynced();

    /**
     * They are on the disk, and this too when it returns.
     *
     * @throws IOException when it cannot be written down
     */
    void synced(Collection<Long> numbers) throws IOException;
}
