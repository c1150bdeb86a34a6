package io.kvmcloud.controller.qemu;

import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.MemorySize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A program of its own that starts a guest of micro, says so, and then only waits to be killed. */
final class DyingController {

    private static final Accelerator TCG = new Accelerator(Accelerator.Kind.TCG, "a test");

    private DyingController() {}

    /** @param warm where it keeps warm states, if it makes any */
    static Process of(GuestSpec spec, Path... warm) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Dkvm.root=" + System.getProperty("kvm.root"),
                "-cp",
                System.getProperty("java.class.path"),
                DyingController.class.getName(),
                spec.directory().toString(),
                spec.uuid().toString(),
                String.valueOf(spec.sshPort())));
        List.of(warm).forEach(directory -> line.add(directory.toString()));
        return new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** @param words instance directory, uuid, port, directory of warm states */
    public static void main(String[] words) throws Exception {
        GuestSpec spec = new GuestSpec(
                InstanceId.parse("s1/1000"),
                UUID.fromString(words[1]),
                Path.of(words[0]),
                GuestBench.built("micro"),
                MemorySize.ofMebibytes(96),
                1,
                "127.0.0.1",
                Integer.parseInt(words[2]));
        WarmStates warm = words.length > 3 ? WarmStates.open(Path.of(words[3]), 1L << 30, TCG) : WarmStates.none();
        System.out.println(new Qemu(TCG, warm).start(spec).pid());
        Thread.currentThread().join();
    }
}
