package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.controller.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What an overlay stands on, as it was when the overlay was made: {@code backing.json}. An overlay on anything else is a
 * broken file system, and QEMU does not notice.
 *
 * @param template the template's name
 * @param disk where its disk was
 * @param bytes how long that file was
 * @param modified its time of modification, in ms since 1970
 * @param sha256 of the file, or empty when the template does not say
 */
record Backing(String template, String disk, long bytes, long modified, String sha256) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** As it is now. */
    static Backing of(Template template) throws IOException {
        Path disk = template.disk();
        return new Backing(
                template.name(),
                disk.toString(),
                Files.size(disk),
                Files.getLastModifiedTime(disk).toMillis(),
                template.diskSha256());
    }

    static Backing read(Path file) throws IOException {
        return JSON.readValue(Files.readAllBytes(file), Backing.class);
    }

    byte[] json() throws IOException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
    }

    /** Whether an overlay of this one may stand on the other. Checksums decide where there are any: a copy is as good. */
    boolean same(Backing other) {
        if (!sha256.isEmpty() && !other.sha256.isEmpty()) {
            return sha256.equals(other.sha256);
        }
        return bytes == other.bytes && modified == other.modified;
    }

    /** For people. */
    String describe() {
        return bytes + " bytes"
                + (sha256.isEmpty()
                        ? " of " + java.time.Instant.ofEpochMilli(modified)
                        : ", sha256 " + sha256.substring(0, 12) + "…");
    }
}
