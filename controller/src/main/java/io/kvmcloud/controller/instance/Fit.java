package io.kvmcloud.controller.instance;

import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reason;
import java.io.IOException;

/** Whether a template can be what is asked for. */
final class Fit {

    private Fit() {}

    /**
     * The disk that an instance gets.
     *
     * @throws CommandFailed {@link Reason#INVALID} when the template needs more than is asked for, or cannot do it
     */
    static DiskSize of(Template template, NewInstance command) {
        requireMemory(template, command.memory(), command.cpus());
        requireSeed(template, command);
        return disk(template, command);
    }

    static void requireMemory(Template template, MemorySize memory, int cpus) {
        if (memory.compareTo(template.minimumMemory()) < 0) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "template " + template.name() + " needs at least " + template.minimumMemory() + ", not " + memory,
                    "`kvm-cloud new " + template.name() + " "
                            + template.minimumMemory().mebibytes() + " " + cpus + "`");
        }
    }

    private static void requireSeed(Template template, NewInstance command) {
        if (!command.userData().isEmpty() && !template.seed()) {
            throw new CommandFailed(
                    Reason.INVALID,
                    "the guests of template " + template.name() + " read no user-data: its template.json says"
                            + " \"seed\": false",
                    "leave the user-data out, or take another template");
        }
    }

    /** What was asked for, or what the template has, in whole MiB: an overlay is never made smaller than its template. */
    private static DiskSize disk(Template template, NewInstance command) {
        long least;
        try {
            least = template.diskBytes();
        } catch (IOException _) {
            return command.disk(); // the hypervisor says what is wrong with the file, and makes nothing of it
        }
        DiskSize asked = command.disk();
        if (!asked.equals(DiskSize.OF_TEMPLATE) && asked.bytes() < least) {
            long enough = (least + (1 << 20) - 1) >> 20;
            throw new CommandFailed(
                    Reason.INVALID,
                    "template " + template.name() + " needs a disk of at least " + enough + " MiB, not " + asked,
                    "ask for --disk " + enough + "M or more, or leave it out");
        }
        return asked.equals(DiskSize.OF_TEMPLATE) ? new DiskSize(least >> 20) : asked;
    }
}
