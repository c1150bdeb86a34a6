package io.kvmcloud.controller.template;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.controller.disk.DurableFile;
import io.kvmcloud.messages.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SHA-256 of files, remembered for as long as the file's stamp stays the same. Used by one thread at a time. */
final class Checksums {

    private static final Logger LOG = LoggerFactory.getLogger(Checksums.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final Map<String, Known> known;
    private boolean changed;

    private record Known(Stamp stamp, String sha256) {}

    /** @param file where they are kept between two lives; need not exist */
    Checksums(Path file) {
        this.file = file;
        this.known = load(file);
    }

    /** That remember nothing, and are not kept. */
    static Checksums fresh() {
        return new Checksums(new HashMap<>());
    }

    private Checksums(Map<String, Known> known) {
        this.file = Path.of("");
        this.known = known;
    }

    /** In lower-case hex. */
    String of(Path image) throws IOException {
        Stamp stamp = Stamp.of(image);
        Known before = known.get(stamp.path());
        if (before != null && before.stamp().equals(stamp)) {
            return before.sha256();
        }
        String sha256 = Sha256.of(image);
        known.put(stamp.path(), new Known(stamp, sha256));
        changed = true;
        return sha256;
    }

    /** Somebody has just read this file through. */
    void remember(Path image, String sha256) {
        Stamp stamp = Stamp.of(image);
        known.put(stamp.path(), new Known(stamp, sha256));
        changed = true;
    }

    /** What another one has found counts from now on. */
    void adopt(Checksums other) {
        known.putAll(other.known);
        changed = true;
    }

    /** Keeps what is new. Failing to is a matter of speed only. */
    void save() {
        if (!changed) {
            return;
        }
        try {
            known.keySet().removeIf(path -> !Files.exists(Path.of(path)));
            Files.createDirectories(file.toAbsolutePath().getParent());
            DurableFile.write(file, JSON.writeValueAsBytes(known));
            changed = false;
        } catch (IOException notKept) {
            LOG.warn("cannot keep checksums in {}: {}", file, notKept.toString());
        }
    }

    private static Map<String, Known> load(Path file) {
        try {
            Map<String, Known> kept = JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {});
            kept.values().removeIf(known -> known == null || known.stamp() == null || known.sha256() == null);
            return new HashMap<>(kept);
        } catch (NoSuchFileException firstTime) {
            return new HashMap<>();
        } catch (IOException damaged) {
            LOG.warn("{} is damaged and is made anew", file);
            return new HashMap<>();
        }
    }
}
