package io.kvmcloud.controller.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class QemuCommandLineTest {

    private static final UUID ID = UUID.fromString("7b1c5a0e-2f64-4c0a-9f3e-0123456789ab");
    private static final Template.Boot KERNEL =
            new Template.Boot.Kernel(Path.of("/t/vmlinux"), Path.of("/t/initrd"), "root=/dev/vda rw quiet");

    @Test
    void aKernelBootUnderTcgIsExactlyThis() {
        assertThat(line(spec("/w/instances/2000", KERNEL, "qcow2", true), Accelerator.Kind.TCG))
                .containsExactlyElementsOf(join(
                        before("2000", "-name", "guest=s2-2000"),
                        machine("pc,accel=tcg,memory-backend=ram0,usb=off,vmport=off", "max,la57=off"),
                        List.of("-kernel", "/t/vmlinux", "-initrd", "/t/initrd"),
                        List.of(
                                "-append",
                                "console=ttyS0 quiet panic=5 mitigations=off cryptomgr.notests no_timer_check"
                                        + " tsc=reliable root=/dev/vda rw quiet"),
                        disk("qcow2", "virtio-blk-pci,drive=disk0"),
                        seed(),
                        rest()));
    }

    @Test
    void underKvmNoProtectionIsTurnedOff() {
        assertThat(line(spec("/w/instances/2000", KERNEL, "raw", true), Accelerator.Kind.KVM))
                .containsExactlyElementsOf(join(
                        before("2000", "-name", "guest=s2-2000"),
                        machine("pc,accel=kvm,memory-backend=ram0,usb=off,vmport=off", "host"),
                        List.of("-kernel", "/t/vmlinux", "-initrd", "/t/initrd"),
                        List.of("-append", "console=ttyS0 quiet panic=5 root=/dev/vda rw quiet"),
                        disk("raw", "virtio-blk-pci,drive=disk0"),
                        seed(),
                        rest()));
    }

    @Test
    void aDiskThatBootsItselfHasNoKernelAndItsBootLoaderWritesToTheSerialConsole() {
        assertThat(line(spec("/w/instances/2000", new Template.Boot.Disk(), "qcow2", false), Accelerator.Kind.TCG))
                .containsExactlyElementsOf(join(
                        before("2000", "-name", "guest=s2-2000"),
                        machine("pc,accel=tcg,memory-backend=ram0,usb=off,vmport=off,graphics=off", "max,la57=off"),
                        disk("qcow2", "virtio-blk-pci,drive=disk0,bootindex=1"),
                        rest()));
    }

    @Test
    void aKernelWithoutInitrdAndWithoutCommandLineStartsFromTheFirstDisk() {
        Template.Boot bare = new Template.Boot.Kernel(Path.of("/t/vmlinux"), null, "");
        assertThat(line(spec("/w/instances/2000", bare, "raw", true), Accelerator.Kind.KVM))
                .doesNotContain("-initrd")
                .contains("console=ttyS0 quiet panic=5 root=/dev/vda rw");
    }

    @Test
    void commasInTheWorkingDirectoryAreDoubledOnlyWhereQemuSplitsAtThem() {
        List<String> line = line(spec("/w, \"x\"/2000", KERNEL, "raw", true), Accelerator.Kind.TCG);
        assertThat(line)
                .contains(
                        "socket,id=qmp0,path=/w,, \"x\"/2000/qmp.sock,server=on,wait=off",
                        "/w, \"x\"/2000/pid",
                        "{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/w, \\\"x\\\"/2000/seed.img\","
                                + "\"read-only\":true},\"read-only\":true,\"node-name\":\"seed0\"}");
    }

    @Test
    void theNetworkCardsAddressIsTheGuestsOwnAndLocallyAdministered() {
        assertThat(QemuCommandLine.mac(ID)).isEqualTo("52:23:45:67:89:ab");
        assertThat(QemuCommandLine.mac(new UUID(0, 0xf0ffffff80L))).isEqualTo("52:f0:ff:ff:ff:80");
    }

    @Test
    void aBindAddressThatQemuWouldMisreadIsRefused() {
        GuestSpec spec = spec("/w/instances/2000", KERNEL, "raw", true);
        for (String address : List.of("::1", "localhost", "127.0.0.256", "127.0.0.1,hostfwd=tcp::1-:1")) {
            GuestSpec there = new GuestSpec(
                    spec.id(), ID, spec.directory(), spec.template(), spec.memory(), spec.cpus(), address, 2300);
            assertThatThrownBy(() -> new QemuCommandLine(there, Accelerator.Kind.TCG))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageContaining("IPv4 address");
        }
    }

    private static List<String> line(GuestSpec spec, Accelerator.Kind accelerator) {
        return new QemuCommandLine(spec, accelerator).arguments();
    }

    private static GuestSpec spec(String directory, Template.Boot boot, String format, boolean seed) {
        Template template =
                new Template("t", "", boot, Path.of("/t/disk"), format, "", MemorySize.ofMebibytes(64), seed, "");
        return new GuestSpec(
                InstanceId.parse("s2/2000"),
                ID,
                Path.of(directory),
                template,
                MemorySize.ofMebibytes(512),
                2,
                "127.0.0.1",
                2300);
    }

    private static List<String> before(String directory, String... name) {
        return join(
                List.of("qemu-system-x86_64"),
                List.of(name),
                List.of("-uuid", "7b1c5a0e-2f64-4c0a-9f3e-0123456789ab", "-no-user-config", "-nodefaults"),
                List.of("-display", "none"),
                List.of("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"),
                List.of("-pidfile", "/w/instances/" + directory + "/pid"));
    }

    private static List<String> machine(String machine, String cpu) {
        return List.of(
                "-machine",
                machine,
                "-cpu",
                cpu,
                "-smp",
                "cpus=2",
                "-m",
                "size=512M",
                "-object",
                "memory-backend-ram,id=ram0,size=512M",
                "-object",
                "rng-random,id=rng0,filename=/dev/urandom",
                "-device",
                "virtio-rng-pci,rng=rng0",
                "-device",
                "vmgenid,guid=auto");
    }

    private static List<String> disk(String format, String device) {
        return List.of(
                "-blockdev",
                "{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"/w/instances/2000/disk.qcow2\","
                        + "\"discard\":\"unmap\"},\"node-name\":\"disk0\",\"discard\":\"unmap\",\"backing\":{\"driver\":\""
                        + format
                        + "\",\"file\":{\"driver\":\"file\",\"filename\":\"/t/disk\",\"read-only\":true},\"read-only\":true}}",
                "-device",
                device);
    }

    private static List<String> seed() {
        return List.of(
                "-blockdev",
                "{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/w/instances/2000/seed.img\","
                        + "\"read-only\":true},\"read-only\":true,\"node-name\":\"seed0\"}",
                "-device",
                "virtio-blk-pci,drive=seed0,addr=0x1e");
    }

    private static List<String> rest() {
        return List.of(
                "-netdev",
                "user,id=net0,hostfwd=tcp:127.0.0.1:2300-:22",
                "-device",
                "virtio-net-pci,netdev=net0,romfile=,mac=52:23:45:67:89:ab",
                "-chardev",
                "socket,id=ser0,path=/w/instances/2000/serial.sock,server=on,wait=off,"
                        + "logfile=/w/instances/2000/serial.log,logappend=on",
                "-serial",
                "chardev:ser0",
                "-device",
                "virtio-serial-pci",
                "-chardev",
                "socket,id=agent0,path=/w/instances/2000/agent.sock,server=on,wait=off",
                "-device",
                "virtserialport,chardev=agent0,name=org.kvmcloud.0",
                "-chardev",
                "socket,id=qmp0,path=/w/instances/2000/qmp.sock,server=on,wait=off",
                "-mon",
                "chardev=qmp0,mode=control",
                "-chardev",
                "socket,id=hmp0,path=/w/instances/2000/hmp.sock,server=on,wait=off",
                "-mon",
                "chardev=hmp0,mode=readline");
    }

    @SafeVarargs
    private static List<String> join(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
