package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.template.Template.Boot;
import io.kvmcloud.messages.Forward;
import io.kvmcloud.messages.Forward.Protocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * What to run, as a value; starting it is someone else's work.
 *
 * <p>No text of a user gets in: the instance's number, a uuid, sizes, and paths and a kernel command line that the
 * operator of this host chose. Paths are whole arguments, JSON, or have their commas doubled.
 *
 * @param spec the guest; its bind address is an IPv4 address, the only kind that QEMU's {@code hostfwd} knows
 * @param accelerator that works here
 * @param ram where the guest's memory comes from
 * @param onBase whether the disk stands on {@link GuestFiles#base} instead of the template's own
 */
record QemuCommandLine(GuestSpec spec, Accelerator.Kind accelerator, Ram ram, boolean onBase) {

    /** Where the guest's memory comes from, and so how it comes up. */
    enum Ram {
        /** From nowhere: it boots. */
        FRESH,
        /** The same, and written to {@link GuestFiles#memory}; the guest stops short of an identity, to be copied. */
        KEPT,
        /** From {@link GuestFiles#memory}, page by page as it needs it; what it writes is its own. Its state is sent to it. */
        COPIED
    }

    static final String PROGRAM = "qemu-system-x86_64";

    /** The agent's virtio-serial port, as the guest finds it in {@code /dev/virtio-ports}. */
    static final String AGENT_PORT = "org.kvmcloud.0";

    /** The node of the guest's own disk. */
    static final String DISK = "disk0";

    /** The guest's network, as its monitor knows it. */
    static final String NETWORK = "net0";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Of a guest that boots from the template's disk. */
    QemuCommandLine(GuestSpec spec, Accelerator.Kind accelerator) {
        this(spec, accelerator, Ram.FRESH, false);
    }

    QemuCommandLine {
        Qemu.requireBindAddress(spec.bindAddress());
    }

    /** The program and all its arguments. */
    List<String> arguments() {
        Arguments line = new Arguments();
        line.add(PROGRAM);
        identity(line);
        machine(line);
        boot(line);
        disks(line);
        network(line);
        channels(line);
        return List.copyOf(line);
    }

    private GuestFiles files() {
        return new GuestFiles(spec.directory());
    }

    private void identity(Arguments line) {
        line.add("-name", "guest=" + spec.id().controller() + "-" + spec.id().number());
        line.add("-uuid", spec.uuid().toString());
        line.add("-no-user-config");
        line.add("-nodefaults");
        line.add("-display", "none");
        // A guest that breaks out of QEMU finds no way to start a program or to gain rights.
        line.add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
        line.add("-pidfile", files().pid().toString());
    }

    private void machine(Arguments line) {
        // A boot loader has no screen to write on: its text goes where people look for it, to the serial console.
        String graphics = spec.template().boot() instanceof Boot.Disk ? ",graphics=off" : "";
        String accel = accelerator.word();
        line.add("-machine", "pc,accel=" + accel + ",memory-backend=ram0,usb=off,vmport=off" + graphics);
        line.add(
                "-cpu",
                switch (accelerator) {
                    case KVM -> "host";
                    // Five-level paging costs a translator time and gains a small guest nothing.
                    case TCG -> "max,la57=off";
                });
        line.add("-smp", "cpus=" + spec.cpus());
        String size = spec.memory().mebibytes() + "M";
        line.add("-m", "size=" + size);
        line.add(
                "-object",
                switch (ram) {
                    case FRESH -> "memory-backend-ram,id=ram0,size=" + size;
                    case KEPT -> memoryFile(size) + ",share=on";
                    case COPIED -> memoryFile(size) + ",share=off";
                });
        if (ram == Ram.COPIED) {
            line.add("-incoming", "defer");
            line.add("-S");
        }
        line.add("-object", "rng-random,id=rng0,filename=/dev/urandom");
        line.add("-device", "virtio-rng-pci,rng=rng0");
        line.add("-device", "vmgenid,guid=auto");
    }

    private String memoryFile(String size) {
        return "memory-backend-file,id=ram0,size=" + size + ",mem-path=" + doubled(files().memory());
    }

    private void boot(Arguments line) {
        switch (spec.template().boot()) {
            case Boot.Kernel(Path kernel, Path initrd, String commandLine) -> {
                line.add("-kernel", kernel.toString());
                if (initrd != null) {
                    line.add("-initrd", initrd.toString());
                }
                line.add("-append", kernelCommandLine(commandLine));
            }
            case Boot.Disk() -> {}
        }
    }

    /** Ours come first: for the kernel the last word counts, and that is the template's. */
    private String kernelCommandLine(String ofTemplate) {
        List<String> words = new ArrayList<>(List.of("console=ttyS0", "quiet", "panic=5"));
        if (accelerator == Accelerator.Kind.TCG) {
            // Nothing speculates in a translator, so no protection is lost; the rest saves start time.
            words.addAll(List.of("mitigations=off", "cryptomgr.notests", "no_timer_check", "tsc=reliable"));
        }
        List<String> theirs = ofTemplate.isBlank()
                ? List.of()
                : Arrays.asList(ofTemplate.strip().split("\\s+"));
        if (theirs.stream().noneMatch(word -> word.startsWith("root="))) {
            words.addAll(List.of("root=/dev/vda", "rw"));
        }
        words.addAll(theirs);
        if (ram == Ram.KEPT) {
            words.add("kvmcloud.template=1");
        }
        return String.join(" ", words);
    }

    private void disks(Arguments line) {
        // The backing file is named here and not looked up in the overlay: the template's directory may move, and
        // nothing that is written in an image decides which of the host's files a guest reads.
        ObjectNode overlay =
                image("qcow2", files().disk()).put("node-name", DISK).put("discard", "unmap");
        ((ObjectNode) overlay.get("file")).put("discard", "unmap");
        ObjectNode ofTemplate =
                readOnly(image(spec.template().format(), spec.template().disk()));
        if (onBase) {
            ObjectNode base = readOnly(image("qcow2", files().base()));
            base.set("backing", ofTemplate);
            overlay.set("backing", base);
        } else {
            overlay.set("backing", ofTemplate);
        }
        line.add("-blockdev", overlay.toString());
        String bootIndex = spec.template().boot() instanceof Boot.Disk ? ",bootindex=1" : "";
        line.add("-device", "virtio-blk-pci,drive=" + DISK + bootIndex);
        if (spec.template().seed()) {
            line.add(
                    "-blockdev",
                    readOnly(image("raw", files().seed()))
                            .put("node-name", "seed0")
                            .toString());
            // A late slot: the guest finds it after its disk, and it moves no other device.
            line.add("-device", "virtio-blk-pci,drive=seed0,addr=0x1e");
        }
    }

    private static ObjectNode image(String format, Path file) {
        ObjectNode image = JSON.objectNode().put("driver", format);
        image.putObject("file").put("driver", "file").put("filename", file.toString());
        return image;
    }

    private static ObjectNode readOnly(ObjectNode image) {
        ((ObjectNode) image.get("file")).put("read-only", true);
        return image.put("read-only", true);
    }

    private void network(Arguments line) {
        StringBuilder forwards = new StringBuilder();
        if (ram != Ram.KEPT) { // A guest that is there to be copied cannot be reached.
            forwards.append(",hostfwd=")
                    .append(rule(spec.bindAddress(), new Forward(spec.sshPort(), 22, Protocol.TCP)));
            spec.forwards().forEach(forward -> forwards.append(",hostfwd=").append(rule(spec.bindAddress(), forward)));
        }
        line.add("-netdev", "user,id=" + NETWORK + forwards);
        // romfile= : no network boot, so no ROM to load.
        line.add("-device", "virtio-net-pci,netdev=" + NETWORK + ",romfile=,mac=" + mac(spec.uuid()));
    }

    /** How QEMU writes a forward down: {@code tcp:127.0.0.1:8080-:80}. */
    static String rule(String bindAddress, Forward forward) {
        return forward.protocol() + ":" + bindAddress + ":" + forward.host() + "-:" + forward.guest();
    }

    /** 0x52: unicast, locally administered; then the last 40 bits of the uuid, which are random ones. */
    static String mac(UUID uuid) {
        StringBuilder mac = new StringBuilder("52");
        for (int shift = 32; shift >= 0; shift -= 8) {
            mac.append(String.format(":%02x", uuid.getLeastSignificantBits() >> shift & 0xff));
        }
        return mac.toString();
    }

    private void channels(Arguments line) {
        line.add(
                "-chardev",
                socket("ser0", files().serialSocket()) + ",logfile=" + doubled(files().serialLog()) + ",logappend=on");
        line.add("-serial", "chardev:ser0");
        line.add("-device", "virtio-serial-pci");
        line.add("-chardev", socket("agent0", files().agentSocket()));
        line.add("-device", "virtserialport,chardev=agent0,name=" + AGENT_PORT);
        line.add("-chardev", socket("qmp0", files().monitor()));
        line.add("-mon", "chardev=qmp0,mode=control");
        line.add("-chardev", socket("hmp0", files().humanMonitor()));
        line.add("-mon", "chardev=hmp0,mode=readline");
    }

    private static String socket(String id, Path path) {
        return "socket,id=" + id + ",path=" + doubled(path) + ",server=on,wait=off";
    }

    /** In QEMU's comma lists a comma of the value is written twice. */
    private static String doubled(Path path) {
        return path.toString().replace(",", ",,");
    }

    /** An argument list that grows by options with their value. */
    private static final class Arguments extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        void add(String option, String value) {
            add(option);
            add(value);
        }
    }
}
