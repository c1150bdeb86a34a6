package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.UUID;

/** A program of its own that starts a guest, says so, and then only waits to be killed. */
final class DyingController {

    private DyingController() {}

    /** @param words kernel, initrd, disk, instance directory, uuid, port */
    public static void main(String[] words) throws Exception {
        Template template = new Template(
                "micro",
                "",
                new Template.Boot.Kernel(Path.of(words[0]), Path.of(words[1]), ""),
                Path.of(words[2]),
                "qcow2",
                "",
                MemorySize.ofMebibytes(72),
                true,
                "");
        GuestSpec spec = new GuestSpec(
                InstanceId.parse("s1/1000"),
                UUID.fromString(words[4]),
                Path.of(words[3]),
                template,
                MemorySize.ofMebibytes(96),
                1,
                "127.0.0.1",
                Integer.parseInt(words[5]));
        System.out.println(GuestBench.QEMU.start(spec).pid());
        Thread.currentThread().join();
    }
}
