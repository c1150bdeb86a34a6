package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.controller.disk.BootId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the probe said, for as long as it must say the same: until the machine is started again or QEMU changes.
 *
 * @param directory made when it is not there
 * @param qemuVersion as QEMU prints it
 */
record ProbeCache(Path directory, String qemuVersion) {

    private static final Logger LOG = LoggerFactory.getLogger(ProbeCache.class);
    private static final JsonMapper JSON = new JsonMapper();

    private record Kept(String bootId, String qemuVersion, String complaint) {}

    /** The kept outcome, or the probe's, which is kept from now on. */
    String get(Supplier<String> probe) {
        Path file = directory.resolve("kvm-probe.json");
        String bootId = BootId.current();
        try {
            Kept kept = JSON.readValue(Files.readAllBytes(file), Kept.class);
            if (bootId.equals(kept.bootId()) && qemuVersion.equals(kept.qemuVersion()) && kept.complaint() != null) {
                return kept.complaint();
            }
        } catch (NoSuchFileException firstTime) {
            // The probe tells.
        } catch (IOException damaged) {
            LOG.warn("{} is damaged and is written anew", file);
        }
        String complaint = probe.get();
        try {
            Files.createDirectories(directory);
            Files.write(file, JSON.writeValueAsBytes(new Kept(bootId, qemuVersion, complaint)));
        } catch (IOException notKept) {
            LOG.warn("cannot keep the probe's outcome in {}: {}", file, notKept.toString());
        }
        return complaint;
    }
}
