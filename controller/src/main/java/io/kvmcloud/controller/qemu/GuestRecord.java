package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.controller.disk.BootId;
import io.kvmcloud.messages.BootReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * Which process runs the guest of a directory: {@code guest.json}, for the next life of the controller.
 *
 * @param startTicks see {@link GuestProcess}
 * @param bootId the machine's start that the ticks are counted from
 * @param uuid of the guest's machine
 * @param sshPort the host's port that it forwards
 * @param boot how it came up
 */
record GuestRecord(long pid, long startTicks, String bootId, UUID uuid, int sshPort, BootReport boot) {

    private static final long NONE_YET = 0;
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    GuestRecord {
        boot = boot == null ? BootReport.NONE : boot;
    }

    static GuestRecord of(GuestProcess process, UUID uuid, int sshPort) {
        return new GuestRecord(process.pid(), process.startTicks(), BootId.current(), uuid, sshPort, BootReport.NONE);
    }

    GuestRecord with(BootReport report) {
        return new GuestRecord(pid, startTicks, bootId, uuid, sshPort, report);
    }

    /** To be written before the process is started: whoever finds it must search for the process. */
    static GuestRecord starting(UUID uuid, int sshPort) {
        return new GuestRecord(NONE_YET, 0, BootId.current(), uuid, sshPort, BootReport.NONE);
    }

    /** What the directory says; empty when nothing was ever started in it. */
    static Optional<GuestRecord> read(GuestFiles files) {
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(files.record()), GuestRecord.class));
        } catch (NoSuchFileException never) {
            return Optional.empty();
        } catch (IOException damaged) {
            return Optional.of(starting(new UUID(0, 0), 0));
        }
    }

    /** Whether it was written before a start of which nothing more is known. */
    boolean isStarting() {
        return pid == NONE_YET;
    }

    /** Writes it whole or not at all. Not forced to the disk: after a power cut there is no process to find. */
    void write(GuestFiles files) throws IOException {
        Path draft = files.directory().resolve("guest.json.new");
        Files.write(draft, JSON.writeValueAsBytes(this));
        Files.move(draft, files.record(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The process, while it is the one that was recorded and runs. */
    Optional<GuestProcess> process() {
        return Optional.of(new GuestProcess(pid, startTicks))
                .filter(process -> BootId.current().equals(bootId) && process.alive());
    }
}
