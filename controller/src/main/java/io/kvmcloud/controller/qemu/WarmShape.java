package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Everything a warm state depends on. QEMU notices some differences and dies; of others it says nothing and the guest hangs,
 * or boots another kernel one day: so a state is used only where all of this is the same.
 *
 * @param template its name
 * @param memory in MiB
 * @param cpus virtual CPUs
 * @param qemu its version, as it says it itself
 * @param accelerator {@code kvm} or {@code tcg}
 * @param processor the host's under KVM, where the guest sees it; empty under TCG
 * @param digest of the template's files and command line
 * @param machine digest of QEMU's arguments, without what is an instance's own
 */
record WarmShape(
        String template,
        long memory,
        int cpus,
        String qemu,
        String accelerator,
        String processor,
        String digest,
        String machine) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    static WarmShape of(GuestSpec spec, Accelerator.Kind accelerator, String qemu) {
        return new WarmShape(
                spec.template().name(),
                spec.memory().mebibytes(),
                spec.cpus(),
                qemu,
                accelerator.word(),
                accelerator == Accelerator.Kind.KVM ? hostProcessor() : "",
                spec.template().warmDigest(),
                machine(spec, accelerator));
    }

    static WarmShape read(Path file) throws IOException {
        return JSON.readValue(Files.readAllBytes(file), WarmShape.class);
    }

    byte[] json() throws IOException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
    }

    /** The directory of its state: one for each size of a template's guests. */
    String name() {
        return template + "-" + memory + "M-" + cpus;
    }

    /** Why a state made for that other shape is no good for this one, for people; empty when it is. */
    String unlike(WarmShape other) {
        if (equals(other)) {
            return "";
        } else if (!other.qemu.equals(qemu)) {
            return "warm state was made by " + other.shortQemu() + ", this is " + shortQemu();
        } else if (!other.digest.equals(digest)) {
            return "the template has changed since the warm state was made";
        } else if (!other.accelerator.equals(accelerator)) {
            return "warm state was made under " + other.accelerator;
        } else if (!other.processor.equals(processor)) {
            return "warm state was made on another processor: " + other.processor;
        }
        return "warm state is of another kind of machine";
    }

    private String shortQemu() {
        return qemu.replaceFirst("^.*version (\\S+).*$", "QEMU $1");
    }

    /** The arguments of a guest that could be anybody's. */
    private static String machine(GuestSpec spec, Accelerator.Kind accelerator) {
        GuestSpec anybody = new GuestSpec(
                InstanceId.parse("s1/1"),
                new UUID(0, 0),
                Path.of("/"),
                spec.template(),
                spec.memory(),
                spec.cpus(),
                "127.0.0.1",
                1);
        return Sha256.of(String.join("\n", new QemuCommandLine(anybody, accelerator).arguments()));
    }

    private static String hostProcessor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.replaceFirst("^.*?:\\s*", ""))
                    .orElse("unknown");
        } catch (IOException unreadable) {
            return "unknown";
        }
    }
}
