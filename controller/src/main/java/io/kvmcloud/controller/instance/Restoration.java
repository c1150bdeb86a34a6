package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import java.io.IOException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes instances again that were answered for and went with the machine's power before they were on the disk. */
record Restoration(
        Host host,
        InstanceStore store,
        Hypervisor hypervisor,
        Creation creation,
        Function<String, Template> templates) {

    private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

    /**
     * As it was answered, if it was: nothing ran on it that anybody was told of, so what is left of its files is worth nothing.
     * Of one that was not answered only that is removed; it is made when its request is taken up again.
     */
    void restore(Ledger.Lost lost) {
        InstanceId id = new InstanceId(host.name(), lost.number());
        try {
            hypervisor.reap(store.directory(lost.number()));
            store.discard(lost.number());
            if (lost.promised() != null) {
                InstanceRecord record = InstanceRecord.promised(lost.promised());
                creation.makeAgain(record, templates.apply(record.template()), lost.command());
                LOG.info("{} is made again: it was not on the disk when this machine went down", id);
            }
        } catch (IOException | CommandFailed failed) {
            LOG.error(
                    "{} was not on the disk when this machine went down and cannot be made again, the next start tries"
                            + " again: {}",
                    id,
                    failed.getMessage());
        }
    }
}
